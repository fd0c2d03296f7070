"""The platform's records: receive, list and delete them."""
