"""Deterministic simulation of the service in one process and one virtual time, driven by a seed."""
