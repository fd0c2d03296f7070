"""Our words and Intuit's: pure, and the only place that knows how its documents are built."""
