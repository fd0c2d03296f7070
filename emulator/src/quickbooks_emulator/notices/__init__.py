"""Webhook notices: which changes are sent to which app, and how the notices are posted."""
