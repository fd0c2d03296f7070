"""Search the files of the repository, or its whole history, for secrets."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from detect_secrets.core import plugins
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.settings import transient_settings

_PLUGINS = """
    AWSKeyDetector AzureStorageKeyDetector BasicAuthDetector DiscordBotTokenDetector
    GitHubTokenDetector GitLabTokenDetector JwtTokenDetector MailchimpDetector NpmDetector
    OpenAIDetector PrivateKeyDetector PypiTokenDetector SendGridDetector SlackDetector
    SquareOAuthDetector StripeDetector TelegramBotTokenDetector TwilioKeyDetector
""".split()
# Our API tokens, and Intuit's refresh tokens and client secrets.
_OURS = (
    re.compile(r"\bcleo_[A-Za-z0-9_-]{43}\b"),
    re.compile(r"\bRT1-\d+-H0-[A-Za-z0-9]{20,}"),
    re.compile(r"(?i)client_secret['\"]?\s*[=:]\s*['\"][A-Za-z0-9]{40}['\"]"),
)
# Files that contain made-up secrets on purpose, with what they are.
MADE_UP = {
    "tests/cli/test_commands.py": "the password of a database that is not there",
    "tests/store/test_schema.py": "same",
    "tests/test_settings.py": "same",
    "emulator/src/quickbooks_emulator/testing.py": "the emulator's own app, for tests",
}
_LEFT_OUT = ("uv.lock", "docs/proof/", "docs/pictures/")  # hashes, figures and pictures


def found_in(text: str) -> list[str]:
    """Return the first characters of every string in a text that looks like a secret."""
    return [hit.group()[:12] for one in _patterns() for hit in one.finditer(text)]


def kept(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file that is tracked now."""
    for name in _git(root, "ls-files", "-z").decode().split("\0"):
        if _counts(name) and (root / name).is_file():
            yield name, (root / name).read_text(encoding="utf-8", errors="replace")


def history(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each text in the history of the repository once, with a path that it had."""
    listed = _git(root, "rev-list", "--all", "--objects").decode(errors="replace").splitlines()
    named = [line.partition(" ")[::2] for line in listed]
    wanted = {one: name for one, name in named if _counts(name)}
    asked = "".join(f"{one}\n" for one in wanted).encode()
    answer = _git(root, "cat-file", "--batch", given=asked)
    at = 0
    while at < len(answer):
        head, _, _ = answer[at : at + 200].partition(b"\n")
        one, kind, size = head.decode().split()
        begin = at + len(head) + 1
        at = begin + int(size) + 1
        if kind == "blob":
            yield wanted[one], answer[begin : at - 1].decode(errors="replace")


def scan(root: Path, *, whole: bool) -> int:
    """Search the tracked files, or if `whole` the history; return 1 if a secret was found."""
    hits = [
        f"{name}: {hit}…"
        for name, text in (history(root) if whole else kept(root))
        if name not in MADE_UP
        for hit in found_in(text)
    ]
    for one in sorted(set(hits)):
        print(one)
    print("Remove and replace these secrets: they are public." if hits else "No secrets found.")
    return 1 if hits else 0


@cache
def _patterns() -> Sequence[re.Pattern[str]]:
    with transient_settings({"plugins_used": [{"name": name} for name in _PLUGINS]}):
        known: list[Any] = [plugins.initialize.from_plugin_classname(name) for name in _PLUGINS]
    return [
        *(one for each in known if isinstance(each, RegexBasedDetector) for one in each.denylist),
        *_OURS,
    ]


def _counts(name: str) -> bool:
    return bool(name) and not name.startswith(_LEFT_OUT)


def _git(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(  # noqa: S603  our own arguments
        ["git", *arguments],  # noqa: S607  the git on the PATH
        cwd=root,
        input=given,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
