"""Webhook notices: which change is told to which app, and how the notices are posted."""
