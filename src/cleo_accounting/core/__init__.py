"""The domain model: records, links, matching and the plan; pure code without I/O."""
