"""The platform's records: take them in, list them, and forget them."""
