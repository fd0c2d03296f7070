"""The database layer: one module per table or two; every function takes the transaction first."""
