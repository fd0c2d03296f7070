"""Fuzz every entry point of a running service: `python -m proof.fuzz --minutes M --seed N`."""
