"""Errands: the tasks that a worker does beside syncs."""
