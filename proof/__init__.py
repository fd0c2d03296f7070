"""Simulation, oracle, planted bugs, kills and fuzzing that test the invariants; not shipped."""
