"""The HTML pages for finance people; they use the same flows as the API."""
