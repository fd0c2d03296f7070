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
    result, holes = judge(said)
    (build / "audit.json").write_text(
        json.dumps({"result": result, "holes": holes}, indent=2) + "\n", encoding="utf-8"
    )
    for hole in holes:
        print(f"{hole['package']} {hole['version']}: {hole['id']}, mended in {hole['fixed']}")
    if result == "unknown":
        print(f"Nothing is known of known holes: {_why(said, told)}")
        return 2 if strict else 0
    print("No known holes." if result == "clean" else f"{len(holes)} known holes.")
    return 1 if holes else 0


def _why(said: str, told: str) -> str:
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = told.strip().splitlines()[-1:] or ["the audit said nothing"]
        return last[0][:200]
    skipped = sum("skip_reason" in one for one in packages)
    return f"{skipped} of {len(packages)} packages could not be looked up from here"


def judge(said: str) -> tuple[str, list[dict[str, str]]]:
    """Return the result of a pip-audit report (`clean`, `holes` or `unknown`) and its holes.

    The result is `unknown` if the report is unreadable, or if a package could not be audited and
    no other package has a known vulnerability.
    """
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return "unknown", []
    holes = [
        {
            "package": one["name"],
            "version": one["version"],
            "id": hole["id"],
            "fixed": ", ".join(hole["fix_versions"]) or "no version yet",
        }
        for one in packages
        for hole in one.get("vulns", ())
    ]
    if holes:
        return "holes", holes
    whole = packages and not any("skip_reason" in one for one in packages)
    return ("clean" if whole else "unknown"), []
