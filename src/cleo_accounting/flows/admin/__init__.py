"""Access to the service, the chain of acts, keys, and the health of an installation."""
