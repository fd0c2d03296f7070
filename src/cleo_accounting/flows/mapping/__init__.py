"""What people decide: counterparts, invoice fields, and records that wait for a decision."""
