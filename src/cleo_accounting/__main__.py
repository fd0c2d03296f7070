"""`python -m cleo_accounting`: the command line, for use when its script is not installed."""

from __future__ import annotations

from cleo_accounting.cli import main

main()
