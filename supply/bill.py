"""Write a reproducible bill of materials (CycloneDX 1.5) of each distribution."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supply.locked import epoch, uv

DISTRIBUTIONS = ("cleo-accounting", "quickbooks-emulator")


def write(root: Path, build: Path) -> int:
    """Write the bills into the folder, print their paths and return 0."""
    for name in DISTRIBUTIONS:
        said = uv(
            root,
            *("export", "--quiet", "--locked", "--no-dev", "--package", name),
            *("--format", "cyclonedx1.5", "--preview-features", "sbom-export"),
        )
        path = build / f"{name}.cdx.json"
        bill = steady(json.loads(said), datetime.fromtimestamp(epoch(root), UTC))
        path.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
        print(f"{path.relative_to(root)}: {len(bill['components'])} components")
    return 0


def steady(bill: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the bill with the date of the sources and a serial number derived from its content."""
    whole = {**bill, "metadata": {**bill["metadata"], "timestamp": at.isoformat()}}
    whole.pop("serialNumber", None)
    content = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).digest()
    return {**whole, "serialNumber": f"urn:uuid:{uuid.UUID(bytes=content[:16], version=4)}"}
