"""A whole world in one process and one virtual time, from a seed: the same seed, the same world."""
