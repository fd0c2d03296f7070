"""Mutants: small slips made by a tool, to learn which of them neither tests nor simulation see."""
