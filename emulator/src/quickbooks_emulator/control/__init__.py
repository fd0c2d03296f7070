"""The owner's interface: the control API with its page, and replays of a journal."""
