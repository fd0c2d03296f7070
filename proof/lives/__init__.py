"""Random lives of documents, whose history is checked against QuickBooks' journal."""
