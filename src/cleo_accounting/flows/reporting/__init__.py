"""What people are told: progress, issues, history, and how both sides compare."""
