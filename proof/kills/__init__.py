"""A crash at every boundary of every flow: not by chance, but one after the other."""
