"""A terminal in front of a real database file and a real emulator over HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from cleo_accounting import bootstrap, cli, settings
from cleo_accounting.flows import House
from cleo_accounting.flows.company import offer
from quickbooks_emulator.testing import Intuit, consent

BUSINESS = "biz_one"
PUBLIC_URL = "http://localhost:8000"
REDIRECT_URI = f"{PUBLIC_URL}/api/integrations/accounting/callback"


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """Runs commands as `main` does, in this process."""

    capture: pytest.CaptureFixture[str]
    intuit: Intuit
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> Said:
        # The engine's log keeps the first stderr it saw; pytest closes one after every phase.
        logging.getLogger("dbos").handlers.clear()
        self.capture.readouterr()
        code = cli.run(arguments)
        told = self.capture.readouterr()
        return Said(int(code), told.out, told.err)

    def good(self, *arguments: str) -> Said:
        """Run what has to succeed."""
        said = self.run(*arguments)
        assert said.code == 0, said
        return said

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def connect(self) -> None:
        """Do what the person at the link does, the service behind the doorway, and the page."""
        with self.house() as house:
            offer.accept(house, self.choose_company(house), BUSINESS, "user:jane@harbor.example")

    def choose_company(self, house: House) -> str:
        """Consent for the company; give the secret of the offer that waits for a word."""
        link = self.good("connect", "--no-wait").out.strip()
        back = decided(link, self.intuit.realm_id)
        came = {"state": back["state"], "code": back["code"], "company_id": back["realmId"]}
        return offer.receive(house, **came)

    @contextmanager
    def house(self) -> Iterator[House]:
        """The house as a service beside the terminal has it."""
        built = bootstrap.build(settings.read(self.environment))
        yield built
        built.close()


def decided(link: str, realm_id: str) -> dict[str, str]:
    """What the redirect carries once a person has said yes."""
    with httpx2.Client() as browser:
        return dict(parse_qsl(urlsplit(consent(browser, link, realm_id)).query))
