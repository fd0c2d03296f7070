"""A company's books: entities, accounting rules, reading and writing."""
