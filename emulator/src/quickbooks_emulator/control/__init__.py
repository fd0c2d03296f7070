"""What the emulator's owner uses: the control API with its page, and running a journal again."""
