"""Where requests come in: over HTTP, or through a transport in the same process."""
