"""The run engine: ask for a sync, plan each kind, send the plan, and record what came of it."""
