"""Random lives of documents; what the history says of them is held against QuickBooks' journal."""
