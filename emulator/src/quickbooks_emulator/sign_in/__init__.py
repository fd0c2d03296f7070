"""Intuit's sign-in: apps, people, consent, grants and their tokens."""
