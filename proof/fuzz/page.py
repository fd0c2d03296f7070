"""Fuzz the web pages: hostile and oversized requests to every page and form, from every role."""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2

from cleo_accounting.web.pages.every import ROUTERS
from proof.fuzz import hostile
from proof.fuzz.place import OTHER, Place
from proof.fuzz.watch import Caller, Watch
from proof.processes.stage import BUSINESS
from tests.page.forms import Form, Read

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

_ROUTES: list[APIRoute] = [route for router in ROUTERS for route in router.routes]  # type: ignore[misc]
_FORMS = [one for one in _ROUTES if "POST" in (one.methods or ())]
_PAGES = [one for one in _ROUTES if "GET" in (one.methods or ())]
_LEAVING = ("/leave", "/sign-out")
_SIGN_IN = ("/connect", "/connect/finish", "/disconnect")
_TABS = ("vendors", "customers", "bank-accounts", "fields", "nothing")
_KINDS = ("vendor", "customer", "bill", "invoice", "account", "nothing")
_QUERY = "page search show kind outcome since until least most code zone run of tab to why realmId"
_ORIGINS: tuple[dict[str, str], ...] = (
    {"sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {},
)
_OURS = {"sec-fetch-site": "same-origin"}
_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class _Person:
    """A person at the page of a business, with a browser of their own."""

    business: str
    role: str
    caller: Caller


class PageDoor:
    """Reads pages and sends forms with hostile values."""

    def __init__(self, here: Place, watch: Watch, seed: int, stop: threading.Event) -> None:
        self._here = here
        self._stop = stop
        self._dice = random.Random(f"{seed} page")
        self._people = [
            _Person(business, role, Caller(watch, "page", here.url))
            for business, role in (
                (BUSINESS, "admin"),
                (BUSINESS, "bookkeeper"),
                (BUSINESS, "viewer"),
                (OTHER, "admin"),
            )
        ]
        self._nobody = _Person(BUSINESS, "", Caller(watch, "page", here.url))

    def work(self) -> None:
        """Act until it is time to stop."""
        for one in self._people:
            self._enter(one)
        while not self._stop.is_set():
            drawn = self._dice.random()
            person = self._nobody if drawn < 0.05 else self._dice.choice(self._people)
            if drawn < 0.55:
                self._fill_in(person)
            elif drawn < 0.8:
                self._send_anything(person)
            elif drawn < 0.95:
                self._read(person, self._dice.choice(_PAGES))
            else:
                self._send_huge(person)

    def _enter(self, person: _Person) -> None:
        body = {"role": person.role, "userId": f"{person.role}@fuzz.example"}
        made = self._here.ask("POST", "/session", person.business, json=body)
        if made.status_code != 201:
            return
        link = parse_qs(urlsplit(made.json()["url"]).query)["link"][0]
        answer = person.caller.ask(
            "POST", "/enter", content=urlencode({"link": link}).encode(), headers={**_OURS, **_FORM}
        )
        if answer is not None:
            person.caller.client.cookies = httpx2.Cookies(
                {name: value for name, value in answer.cookies.items() if value}
            )

    def _read(self, person: _Person, route: APIRoute) -> httpx2.Response | None:
        query = {}
        if self._dice.random() < 0.5:
            names = self._dice.sample(_QUERY.split(), self._dice.randint(1, 4))
            query = {name: hostile.text(self._dice)[:3_000] for name in names}
        path = self._path(person, route)
        told = urlencode(query, errors="surrogatepass")
        return person.caller.ask(
            "GET",
            f"{path}?{told}" if told else path,
            route=route.path,
            first_byte_only=path.endswith("/events"),
        )

    def _fill_in(self, person: _Person) -> None:
        """Open a page, and send one of its forms with other values."""
        page = self._read(person, self._dice.choice(_PAGES))
        if page is None or page.status_code == 401:
            if person.role:
                self._enter(person)
            return
        if page.status_code != 200 or "text/html" not in page.headers.get("content-type", ""):
            return
        forms = [one for one in _forms(page.text) if one.method == "post"]
        if not forms:
            return
        form = self._dice.choice(forms)
        path = urlsplit(form.action).path
        if not path.startswith("/") or self._is_not_for(person, path):
            return
        known = [*form.values.items(), *((name, value) for _, name, value in form.buttons if name)]
        known += [(name, "on") for name in form.boxes]
        fields = known if self._dice.random() < 0.4 else hostile.form(self._dice, known)
        self._post(person, path, path, hostile.encoded(fields))

    def _send_anything(self, person: _Person) -> None:
        """Send any form to any address that takes one, mostly with this visit's token."""
        route = self._dice.choice(_FORMS)
        path = self._path(person, route)
        if self._is_not_for(person, path):
            return
        known = [
            (name, hostile.text(self._dice))
            for name in self._dice.sample(_NAMES.split(), self._dice.randint(0, 6))
        ]
        if self._dice.random() < 0.8:
            known.append(("token", self._token(person)))
        body = hostile.encoded(known)
        if self._dice.random() < 0.3:
            body = hostile.mutated(self._dice, body)
        self._post(person, path, route.path, body)

    def _send_huge(self, person: _Person) -> None:
        route = self._dice.choice(_FORMS)
        path = self._path(person, route)
        if self._is_not_for(person, path):
            return
        body = hostile.huge(self._dice)
        if self._dice.random() < 0.5:
            body = f"token={self._token(person)}&".encode() + body
        self._post(person, path, route.path, body)

    def _post(self, person: _Person, path: str, route: str, body: bytes) -> None:
        origin = _OURS if self._dice.random() < 0.9 else self._dice.choice(_ORIGINS)
        kind = _FORM
        if self._dice.random() < 0.05:
            kind = {"content-type": self._dice.choice(("application/json", "text/plain", "a/b; c"))}
        answer = person.caller.ask(
            "POST",
            path,
            route=re.sub(r"_[0-9a-f]{8,}", "_…", route),
            asks_quickbooks=path.endswith(_SIGN_IN),
            content=body,
            headers={**origin, **kind},
        )
        if answer is not None and answer.status_code == 401 and person.role:
            self._enter(person)

    def _is_not_for(self, person: _Person, path: str) -> bool:
        """Return whether this would stop the work in the background, or end visits too often."""
        if path.endswith("/disconnect"):
            return person.business == BUSINESS
        return path.endswith(_LEAVING) and self._dice.random() < 0.8

    def _token(self, person: _Person) -> str:
        found = person.caller.ask("GET", f"/businesses/{person.business}/accounting", route="/…")
        told = re.search(r'name="token" value="([0-9a-f]{40})"', found.text if found else "")
        return told[1] if told else "0" * 40

    def _path(self, person: _Person, route: APIRoute) -> str:
        business = person.business if self._dice.random() < 0.95 else hostile.text(self._dice)
        record = f"{self._dice.choice(('conn', 'pay'))}_{self._dice.randrange(40)}"
        of = {
            "businessId": business,
            "tab": self._dice.choice(_TABS),
            "kind": self._dice.choice(_KINDS),
            "recordId": record,
            "runId": "run_nowhere",
            "name": "connect.svg",
        }
        if self._dice.random() < 0.15:
            of[self._dice.choice(("tab", "kind", "recordId", "runId", "name"))] = hostile.text(
                self._dice
            )
        path = route.path
        for name, value in of.items():
            path = path.replace(f"{{{name}}}", _in_path(value))
        return path


_NAMES = (
    "token value id remote remote_id record_id code at kind vendor customer account word answer"
    " operation_id run_id all show page note expense_account_id version switch_company amount"
    " reason number decision item name template link"
)


def _in_path(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")[:2_000] or "-"


def _forms(html: str) -> list[Form]:
    read = Read()
    read.feed(html)
    return read.forms
