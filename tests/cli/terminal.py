"""A terminal that uses a real database file and a real emulator over HTTP."""

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
    """The output and the exit code of a command."""

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
        # DBOS's log keeps the first stderr that it saw; pytest closes one after every phase.
        logging.getLogger("dbos").handlers.clear()
        self.capture.readouterr()
        code = cli.run(arguments)
        told = self.capture.readouterr()
        return Said(int(code), told.out, told.err)

    def good(self, *arguments: str) -> Said:
        """Run a command that has to succeed."""
        said = self.run(*arguments)
        assert said.code == 0, said
        return said

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def connect(self) -> None:
        """Connect as a person does who follows the link, consents and accepts on the page."""
        with self.house() as house:
            offer.accept(house, self.choose_company(house), BUSINESS, "user:jane@harbor.example")

    def choose_company(self, house: House) -> str:
        """Consent for the company; return the secret of the offer that waits to be accepted."""
        link = self.good("connect", "--no-wait").out.strip()
        back = decided(link, self.intuit.realm_id)
        came = {"state": back["state"], "code": back["code"], "company_id": back["realmId"]}
        return offer.receive(house, **came)

    @contextmanager
    def house(self) -> Iterator[House]:
        """Yield the house that a service with the same settings would have."""
        built = bootstrap.build(settings.read(self.environment))
        yield built
        built.close()


def decided(link: str, realm_id: str) -> dict[str, str]:
    """Return the parameters of the redirect once a person has consented."""
    with httpx2.Client() as browser:
        return dict(parse_qsl(urlsplit(consent(browser, link, realm_id)).query))
