"""The connection to a company: sign-in, grant, name lists, and who holds which company."""
