"""Cleo Pay's side: the shape of its records, and the places they are read from."""
