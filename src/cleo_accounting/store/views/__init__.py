"""Read models: what pages, the API and commands ask of the database; nothing here writes."""
