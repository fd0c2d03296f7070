"""Mutants: small generated changes, to learn which of them neither tests nor simulation catch."""
