"""The HTTP API and the pages: authentication, request validation, handlers and responses."""
