"""Intuit's sign-in: apps, users, consent, grants and their tokens."""
