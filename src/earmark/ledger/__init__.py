"""The ledger: what the moves of a book come to."""
