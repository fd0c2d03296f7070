"""The page: what a finance person sees and does, over the same flows as the API."""
