"""The run engine: request a sync, plan each kind, send the plan, and record the outcome."""
