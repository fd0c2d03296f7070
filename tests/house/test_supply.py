"""What we ship is made of what we locked, holds no secret, and says under which terms it comes."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from detect_secrets.core import plugins
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.settings import transient_settings

from supply.bill import steady
from supply.holes import judge

ROOT = Path(__file__).parents[2]
_PLUGINS = """
    AWSKeyDetector AzureStorageKeyDetector BasicAuthDetector DiscordBotTokenDetector
    GitHubTokenDetector GitLabTokenDetector JwtTokenDetector MailchimpDetector NpmDetector
    OpenAIDetector PrivateKeyDetector PypiTokenDetector SendGridDetector SlackDetector
    SquareOAuthDetector StripeDetector TelegramBotTokenDetector TwilioKeyDetector
""".split()
# Ours, and Intuit's: an API token, a page of its client secrets, a refresh token.
_OURS = [
    re.compile(r"\bcleo_[A-Za-z0-9_-]{43}\b"),
    re.compile(r"\bRT1-\d+-H0-[A-Za-z0-9]{20,}"),
    re.compile(r"(?i)client_secret['\"]?\s*[=:]\s*['\"][A-Za-z0-9]{40}['\"]"),
]
# A file that is meant to look as if it had one, with what it is.
_MADE_UP = {
    "tests/cli/test_commands.py": "the password of a database that is not there",
    "tests/store/test_schema.py": "same",
    "tests/test_settings.py": "same",
    "emulator/src/quickbooks_emulator/testing.py": "the emulator's own app, for tests",
}
_LEFT_OUT = ("uv.lock", "docs/proof/", "docs/pictures/")  # hashes, figures, pictures


def _patterns() -> list[re.Pattern[str]]:
    with transient_settings({"plugins_used": [{"name": name} for name in _PLUGINS]}):
        found = [plugins.initialize.from_plugin_classname(name) for name in _PLUGINS]
    return [
        *(one for each in found if isinstance(each, RegexBasedDetector) for one in each.denylist),
        *_OURS,
    ]


def _kept() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    if listed.returncode:
        pytest.skip("the sources are not in a git repository")
    names = [name for name in listed.stdout.split("\0") if name and not name.startswith(_LEFT_OUT)]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def _secrets(patterns: list[re.Pattern[str]], text: str) -> list[str]:
    return [hit.group()[:12] for one in patterns for hit in one.finditer(text)]


def test_no_secret_is_kept_in_the_repository() -> None:
    patterns = _patterns()
    found = {}
    for path in _kept():
        name = path.relative_to(ROOT).as_posix()
        hits = _secrets(patterns, path.read_text(encoding="utf-8", errors="replace"))
        if hits and name not in _MADE_UP:
            found[name] = hits

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
    assert _secrets(_patterns(), f"x = {secret}\n")


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
        (_answer(GOOD, BAD), "holes"),
        (_answer(SKIPPED, BAD), "holes"),
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
