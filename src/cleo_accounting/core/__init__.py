"""What is true: records, links, matching and the plan; pure, and knows nobody."""
