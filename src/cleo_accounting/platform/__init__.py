"""The platform (Cleo Pay): the shape of its records, and the files that they are read from."""
