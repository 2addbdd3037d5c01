"""Oracles: slow and plain solutions, written from the specification, for tests alone."""
