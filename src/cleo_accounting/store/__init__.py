"""Our memory: one module a table or two; every function takes the open transaction first."""
