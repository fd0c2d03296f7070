"""The emulator as a whole: its state, what its owner does to it, and its journal."""
