"""Entry points for requests: an HTTP server, and an in-process httpx2 transport."""
