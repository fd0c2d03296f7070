"""Translate between our types and Intuit's JSON; no other package knows Intuit's formats."""
