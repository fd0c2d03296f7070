"""Intuit, for tests, demos and anyone else; knows nothing of Cleo Pay."""
