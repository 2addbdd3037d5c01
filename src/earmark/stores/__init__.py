"""Where ledgers are kept, and the keys that their checkpoints are signed with."""
