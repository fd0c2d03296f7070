"""Access to the service, the audit chain, keys, and the health of an installation."""
