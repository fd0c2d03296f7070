"""`python -m supply audit`, `sbom`, `secrets` or `wheels`: see `docs/supply-chain.md`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from supply import bill, secrets, vulnerabilities, wheels

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run the command that the command line names and return its exit code."""
    asked = argparse.ArgumentParser(prog="python -m supply")
    asked.add_argument("what", choices=["audit", "sbom", "secrets", "wheels"])
    asked.add_argument(
        "--strict", action="store_true", help="audit: fail as well if the audit could not be made"
    )
    asked.add_argument("--history", action="store_true", help="secrets: search the history as well")
    given = asked.parse_args()
    build = ROOT / "build" / "supply"
    build.mkdir(parents=True, exist_ok=True)
    if given.what == "audit":
        return vulnerabilities.audit(ROOT, build, strict=given.strict)
    if given.what == "sbom":
        return bill.write(ROOT, build)
    if given.what == "secrets":
        return secrets.scan(ROOT, whole=given.history)
    return wheels.twice(ROOT, build)


if __name__ == "__main__":
    sys.exit(main())
