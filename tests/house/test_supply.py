"""Releases are built from locked packages, contain no secret, and state their license."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from supply import secrets
from supply.bill import steady
from supply.vulnerabilities import judge

ROOT = Path(__file__).parents[2]


def test_no_secret_is_kept_in_the_repository() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("the sources are not in a git repository")
    found = {
        name: hits
        for name, text in secrets.kept(ROOT)
        if name not in secrets.MADE_UP and (hits := secrets.found_in(text))
    }

    assert found == {}


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "AKIA" + "IOSFODNN7EXAMPLF",
        "cleo_" + "a" * 43,
        "RT1-" + "109-H0-" + "a1b2c3d4e5f6a7b8c9d0",
        "postgresql://cleo:" + "hunter22" + "@db.example.com/cleo",
        "ghp_" + "a1B2" * 9,
        "client_secret" + ' = "' + "aB3" * 13 + 'x"',
    ],
)
def test_a_secret_would_be_found(secret: str) -> None:
    assert secrets.found_in(f"x = {secret}\n")


def test_a_secret_that_was_taken_out_again_is_found_in_the_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "a.py").write_text("token = '" + "cleo_" + "a" * 43 + "'\n")
    git("add", "a.py")
    git("commit", "-m", "x")
    assert secrets.scan(tmp_path, whole=False) == 1
    (tmp_path / "a.py").write_text("token = None\n")
    git("commit", "-a", "-m", "y")

    assert secrets.scan(tmp_path, whole=False) == 0
    assert secrets.scan(tmp_path, whole=True) == 1
    assert "a.py: cleo_aaaaaaa…" in capsys.readouterr().out


def test_every_locked_package_has_a_wheel_and_a_hash_for_each_file() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    bad = [
        one["name"]
        for one in lock["package"]
        if "registry" in one["source"]
        and not (
            one.get("wheels")
            and all(
                file.get("hash", "").startswith("sha256:")
                for file in [*one["wheels"], *filter(None, [one.get("sdist")])]
            )
        )
    ]

    assert bad == []
    assert {tuple(one["source"]) for one in lock["package"]} == {("registry",), ("editable",)}


@pytest.mark.parametrize("name", ["uv.txt", "build.txt"])
def test_what_is_fetched_before_the_lock_counts_is_fetched_by_hash(name: str) -> None:
    text = (ROOT / "supply" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]

    assert pins
    assert all(re.match(r"[a-z-]+==[0-9.]+ +--hash=sha256:[0-9a-f]{64}", pin) for pin in pins)
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes --requirement supply/uv.txt" in made


@pytest.mark.parametrize("folder", [".", "emulator"])
def test_every_distribution_names_its_builder_and_its_terms(folder: str) -> None:
    told = tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))

    (builder,) = told["build-system"]["requires"]
    assert f"\n{builder} " in (ROOT / "supply" / "build.txt").read_text(encoding="utf-8")
    assert told["project"]["license"]
    assert (ROOT / folder / "LICENSE").stat().st_size > 300


def _answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
SKIPPED = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (_answer(GOOD), "clean"),
        (_answer(GOOD, BAD), "vulnerable"),
        (_answer(SKIPPED, BAD), "vulnerable"),
        (_answer(GOOD, SKIPPED), "unknown"),
        (_answer(), "unknown"),
        ("", "unknown"),
        ("Traceback", "unknown"),
        ("[]", "unknown"),
    ],
)
def test_an_audit_that_could_not_be_made_is_never_called_clean(said: str, result: str) -> None:
    assert judge(said)[0] == result


def test_a_bill_of_materials_is_the_same_for_the_same_sources() -> None:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    bill = {"serialNumber": "urn:uuid:1", "metadata": {"timestamp": "x"}, "components": [{"a": 1}]}

    first, again = steady(bill, at), steady({**bill, "serialNumber": "urn:uuid:2"}, at)

    assert first == again
    assert steady({**bill, "components": []}, at)["serialNumber"] != first["serialNumber"]


def test_each_dependency_has_its_reason_and_there_are_few() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [re.split(r"[^A-Za-z0-9_-]", one)[0] for one in project["dependencies"]]
    told = (ROOT / "docs" / "supply-chain.md").read_text(encoding="utf-8")

    assert re.findall(r"\n\| `([a-z0-9-]+)` \| [^|]+ \| [^|]+ \|", told) == needed
    assert len(needed) <= 25


def test_what_comes_from_npm_comes_by_hash() -> None:
    path = ROOT / "tests" / "emulator" / "npm" / "package-lock.json"
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]

    assert len(packages) > 1
    assert all(one["integrity"].startswith("sha512-") for name, one in packages.items() if name)
