"""Read models: queries of the database for pages, the API and commands; nothing here writes."""
