"""Fuzz every door of a running service for a while: `python -m proof.fuzz --minutes M --seed N`."""
