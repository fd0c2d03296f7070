"""The HTTP client for Intuit: bounded, paced and authorised calls, without business types."""
