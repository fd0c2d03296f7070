"""A company's books: its entities, the rules of bookkeeping, and how they are read and written."""
