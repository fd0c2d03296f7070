"""Start the emulator and the service as processes of their own, on free ports."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from cleo_accounting.errors import Misconfigured
from cleo_accounting.flows import DOORWAY

CLIENT_ID = "ABtheDemoOfCleoPayAccounting"
_START_SECONDS_MAX = 45
_STOP_SECONDS_MAX = 15
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Stage:
    """The addresses of the running processes."""

    emulator_url: str
    service_url: str
    realm_id: str
    environment: Mapping[str, str]  # the service's settings


@contextmanager
def stage(
    folder: Path,
    *,
    seed: int,
    company: str,
    client_secret: str,
    encryption_key: str,
    audit_key: str,
) -> Iterator[Stage]:
    """Start the processes, and stop them at the end, whatever happens.

    Raises:
        Misconfigured: a process does not start; the message includes the end of its log.
    """
    emulator = [sys.executable, "-m", "quickbooks_emulator", "--port", "0", "--seed", str(seed)]
    keys = ["--client-id", CLIENT_ID, "--client-secret", client_secret]
    with _process([*emulator, *keys, "--company", company], {}, folder, "emulator") as first:
        emulator_url = _url(first)
        environment = {
            "CLEO_DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite'}",
            "CLEO_ENCRYPTION_KEYS": encryption_key,
            "CLEO_AUDIT_KEYS": audit_key,
            "CLEO_QUICKBOOKS_CLIENT_ID": CLIENT_ID,
            "CLEO_QUICKBOOKS_CLIENT_SECRET": client_secret,
            "CLEO_QUICKBOOKS_API_URL": emulator_url,
            "CLEO_QUICKBOOKS_DISCOVERY_URL": (
                f"{emulator_url}/.well-known/openid_sandbox_configuration"
            ),
        }
        service = [sys.executable, "-m", "cleo_accounting", "serve", "--port", "0"]
        with _process(service, environment, folder, "service") as second:
            service_url = _url(second)
            control = Control(emulator_url)
            control.register(client_secret, service_url + DOORWAY)
            settings = {**environment, "CLEO_PUBLIC_URL": service_url}
            yield Stage(emulator_url, service_url, control.realm_id(), settings)


@dataclass(frozen=True, slots=True)
class Control:
    """The emulator's control API."""

    url: str

    def register(self, client_secret: str, redirect_uri: str) -> None:
        """Register our app, as one does at developer.intuit.com."""
        app = {
            "client_id": CLIENT_ID,
            "client_secret": client_secret,
            "redirect_uris": [redirect_uri],
            "name": "Cleo Pay Accounting",
        }
        httpx2.post(f"{self.url}/_emulator/apps", json=app).raise_for_status()

    def realm_id(self) -> str:
        """Return the id of the only company."""
        (company,) = self._get("companies")
        return str(company["realm_id"])

    def names(self, kind: str, property_: str, **where: str) -> Sequence[str]:
        """Return the names of records in the company's books."""
        found = self._get(f"companies/{self.realm_id()}/records/{kind}?limit=500")[kind]
        return [
            str(one[property_])
            for one in found
            if all(one.get(name) == value for name, value in where.items())
        ]

    def _get(self, path: str) -> Any:  # noqa: ANN401  JSON
        return httpx2.get(f"{self.url}/_emulator/{path}").raise_for_status().json()


@contextmanager
def _process(
    command: Sequence[str], settings: Mapping[str, str], folder: Path, name: str
) -> Iterator[subprocess.Popen[str]]:
    inherited = {key: os.environ[key] for key in _INHERITED if key in os.environ}
    with (folder / f"{name}.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603  our own programs
            command,
            env={**inherited, **settings, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C is for the demo, which then stops them in order
        )
        try:
            yield process
        except _Silent as silent:
            said = (folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]
            raise Misconfigured(f"The {name} did not start. It said:\n{said}") from silent
        finally:
            _stop(process)


class _Silent(Exception):
    """A process ended, or took too long, before it printed its address."""


def _url(process: subprocess.Popen[str]) -> str:
    """Return the address on which a process listens, from the line that it prints."""
    found: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:  # to the end, so that its pipe never fills up
            found.extend(word for word in line.split() if word.startswith("http://"))

    threading.Thread(target=read, daemon=True).start()
    ends = time.monotonic() + _START_SECONDS_MAX
    while not found:
        if process.poll() is not None or time.monotonic() > ends:
            raise _Silent
        time.sleep(0.02)
    return found[0]


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
