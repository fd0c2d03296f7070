"""What is reported to people: progress, issues, history, and how both sides compare."""
