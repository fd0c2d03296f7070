"""A person at a browser: opens a link, fills in the consent page, goes where it leads."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx2

from cleo_accounting.errors import Conflict

_TIMEOUT_SECONDS = 30


def consent(link: str, company_id: str) -> str:
    """Say yes to a sign-in for one company; gives the address where the browser ends up.

    Raises:
        Conflict: the page is not one that a person could say yes on.
    """
    with httpx2.Client(follow_redirects=True, timeout=_TIMEOUT_SECONDS) as browser:
        page = browser.get(link).raise_for_status()
        form = _Forms.of(page.text)
        answer = {**form.fields, "realm_id": company_id, "decision": "allow"}
        ended = browser.post(urljoin(str(page.url), form.action), data=answer).raise_for_status()
        return str(ended.url)


class _Forms(HTMLParser):
    """Finds the form with the button that says yes, and what it carries unseen."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.found = False

    @classmethod
    def of(cls, html: str) -> _Forms:
        """Read a page."""
        forms = cls()
        forms.feed(html)
        if not forms.found:
            raise Conflict("The consent page has no button to say yes with.")
        return forms

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take in one element."""
        if self.found:
            return
        told = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.action, self.fields = told.get("action", ""), {}
        elif tag == "input" and told.get("type") == "hidden":
            self.fields[told.get("name", "")] = told.get("value", "")
        elif tag == "button" and told.get("value") == "allow":
            self.found = True
