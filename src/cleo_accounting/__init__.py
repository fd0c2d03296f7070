"""Keeps a business's Cleo Pay records in step with its QuickBooks company."""
