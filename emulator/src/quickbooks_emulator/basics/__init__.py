"""Shared building blocks: clock, seeded randomness, money, switches, HTTP values and faults."""
