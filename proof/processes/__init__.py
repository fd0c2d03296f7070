"""The service and the emulator as real processes, which can be killed and have bugs planted."""
