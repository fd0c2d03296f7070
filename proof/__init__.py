"""The machinery that tries to break the promises; nothing of it is shipped."""
