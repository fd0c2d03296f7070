"""The emulator as a whole: its state, its owner's commands (acts), and its journal."""
