"""Audit the packages that we ship and use for known vulnerabilities."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from supply.locked import uv

_TIMEOUT_SECONDS = 120


def audit(root: Path, build: Path, *, strict: bool) -> int:
    """Audit every locked package; return 0 if none has a known vulnerability, 1 if one has.

    If the source of advisories cannot be reached, the result is printed and recorded as `unknown`,
    which is a failure (2) only if `strict`.
    """
    listed = build / "requirements.txt"
    listed.write_text(
        uv(root, "export", "--quiet", "--locked", "--all-packages", "--no-emit-workspace"),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(listed), "--disable-pip"]
    command += ["--require-hashes", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(  # noqa: S603  our own arguments
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS
        )
        said, told = done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        said, told = "", f"no answer within {_TIMEOUT_SECONDS} seconds"
    result, found = judge(said)
    (build / "audit.json").write_text(
        json.dumps({"result": result, "vulnerabilities": found}, indent=2) + "\n", encoding="utf-8"
    )
    for one in found:
        print(f"{one['package']} {one['version']}: {one['id']}, fixed in {one['fixed']}")
    if result == "unknown":
        print(f"The audit could not be made: {_why(said, told)}")
        return 2 if strict else 0
    print(f"{len(found) or 'No'} known vulnerabilities.")
    return 1 if found else 0


def _why(said: str, told: str) -> str:
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = told.strip().splitlines()[-1:] or ["the audit said nothing"]
        return last[0][:200]
    skipped = sum("skip_reason" in one for one in packages)
    return f"{skipped} of {len(packages)} packages could not be looked up from here"


def judge(said: str) -> tuple[str, list[dict[str, str]]]:
    """Return the result of a pip-audit report (`clean`, `vulnerable`, `unknown`) and its findings.

    The result is `unknown` if the report is unreadable, or if a package could not be audited and
    no other package has a known vulnerability.
    """
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return "unknown", []
    found = [
        {
            "package": one["name"],
            "version": one["version"],
            "id": flaw["id"],
            "fixed": ", ".join(flaw["fix_versions"]) or "no version yet",
        }
        for one in packages
        for flaw in one.get("vulns", ())
    ]
    if found:
        return "vulnerable", found
    complete = packages and not any("skip_reason" in one for one in packages)
    return ("clean" if complete else "unknown"), []
