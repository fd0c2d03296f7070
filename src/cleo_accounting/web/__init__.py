"""The door of HTTP: who may, what they said, what happened, and in which words we answer."""
