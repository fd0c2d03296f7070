"""Simulate a person at a browser: open links, fill in the consent page, confirm on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx2

from cleo_accounting.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_SECONDS = 30


def connect(authorization_url: str, company_id: str, page_url: str) -> str:
    """Connect a company as a person does: consent at QuickBooks, then confirm on our page.

    `page_url` is a link that opens the page of the business for the person; it is opened in the
    browser that consented. Returns the address where the browser ends up.

    Raises:
        Conflict: a page lacks the button to continue with.
    """
    with httpx2.Client(follow_redirects=True, timeout=_TIMEOUT_SECONDS) as browser:
        consent = browser.get(authorization_url).raise_for_status()
        _press(browser, consent, "allow", realm_id=company_id, decision="allow")
        arrived = browser.get(page_url).raise_for_status()
        asked = _press(browser, arrived, "Sign in")
        return str(_press(browser, asked, "Connect this company").url)


def _press(
    browser: httpx2.Client, page: httpx2.Response, button: str, **chosen: str
) -> httpx2.Response:
    """Press the button with this label or value, and return the page that follows."""
    for form in _Forms.of(page.text).found:
        if button in form.buttons:
            answer = browser.post(
                urljoin(str(page.url), form.action),
                data={**form.fields, **chosen},
                headers={"sec-fetch-site": "same-origin"},
            )
            return answer.raise_for_status()
    raise Conflict(f"The page at {page.url.path} has no button “{button}”.")


@dataclass(slots=True)
class _Form:
    """A form: its address, its hidden fields, and the labels of its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._in_button = False

    @classmethod
    def of(cls, html: str) -> _Forms:
        """Return the forms of a page."""
        forms = cls()
        forms.feed(html)
        return forms

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Handle the start of an element."""
        told: Mapping[str, str] = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.found.append(_Form(told.get("action", "")))
        elif self.found and tag == "input" and told.get("type") == "hidden":
            self.found[-1].fields[told.get("name", "")] = told.get("value", "")
        elif self.found and tag == "button":
            self._in_button = True
            self.found[-1].buttons.append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Handle the end of an element."""
        self._in_button = self._in_button and tag != "button"

    def handle_data(self, data: str) -> None:
        """Collect the label of a button."""
        if self._in_button and self.found:
            self.found[-1].buttons.append(data.strip())
