"""Errands that a worker runs beside syncs."""
