"""A browser without JavaScript that reads pages, follows links and submits forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx2


@dataclass
class Form:
    """A form as a browser sees it."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # label, name, value
    id: str = ""
    boxes: set[str] = field(default_factory=set)  # names of the unchecked checkboxes


@dataclass
class Read(HTMLParser):
    """The forms, links and text of a page."""

    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # label, address
    words: str = ""
    _mark: int = 0
    _open: tuple[str, str, str] | None = None  # a button: name, value; or a link: address
    _select: str = ""
    _area: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        name, value = had.get("name", ""), had.get("value", "")
        if tag == "form":
            self.forms.append(
                Form(had.get("action", ""), had.get("method", "get"), id=had.get("id", ""))
            )
        elif tag in ("button", "a"):
            self._open = (tag, name if tag == "button" else had.get("href", ""), value)
            self._mark = len(self.words)
        elif self.forms:
            self._field(tag, name, value, had)

    def _field(self, tag: str, name: str, value: str, had: dict[str, str]) -> None:
        if tag == "input" and name:
            of = next((one for one in self.forms if one.id == had.get("form")), self.forms[-1])
            if "checked" in had or had.get("type") not in ("checkbox", "radio"):
                of.values[name] = value
            else:
                of.boxes.add(name)
        elif tag == "select" and "disabled" not in had:
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in had or self._select not in self.forms[-1].values:
                self.forms[-1].values[self._select] = value
        elif tag == "textarea" and name:
            self._area = name
            self._mark = len(self.words)

    def handle_endtag(self, tag: str) -> None:
        said = " ".join(self.words[self._mark :].split())
        if tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area:
            self.forms[-1].values[self._area] = self.words[self._mark :]
            self._area = ""
        elif self._open and tag == self._open[0]:
            if tag == "a":
                self.links.append((said, self._open[1]))
            elif self.forms:
                self.forms[-1].buttons.append((said, *self._open[1:]))
            self._open = None
        if tag in ("td", "th", "dt", "dd", "p", "li"):
            self.words += " "

    def handle_data(self, data: str) -> None:
        self.words += data


@dataclass
class Person:
    """A person who uses the page in a browser without JavaScript."""

    client: httpx2.Client
    page: str
    answer: httpx2.Response | None = None

    def open(self, path: str = "") -> str:
        """Open a page and return its text."""
        self.answer = self.client.get(path if path.startswith(("/", "http")) else self.page + path)
        return self.words()

    def go(self, path: str) -> str:
        """Open one of the pages of this business and return its text."""
        return self.open(self.page + path)

    def words(self, within: str = "") -> str:
        """Return the page's text, or only that of the article that contains the mark `within`."""
        return " ".join(self._read(within).words.split())

    def follow(self, label: str, within: str = "") -> str:
        """Follow a link and return the text of its page."""
        found = [to for said, to in self._read(within).links if said.startswith(label)]
        assert found, f"no link “{label}” in: {self.words(within)}"
        return self.open(found[0])

    def press(self, label: str, within: str = "", **typed: str) -> str:
        """Fill in a form, press its button and return the text of the next page."""
        read = self._read(within)
        for form in read.forms:
            for said, name, value in form.buttons:
                if said.startswith(label):
                    return self._send(form, {**({name: value} if name else {}), **typed})
        raise AssertionError(f"no button “{label}” in: {self.words(within)}")

    def _send(self, form: Form, more: dict[str, str]) -> str:
        pressed = {name for _, name, _ in form.buttons}
        unknown = more.keys() - form.values.keys() - form.boxes - pressed
        assert not unknown, f"the form has no {unknown}"
        assert form.method == "post", "only what does something is pressed"
        self.answer = self.client.post(
            form.action, data={**form.values, **more}, headers={"sec-fetch-site": "same-origin"}
        )
        return self.words()

    def _read(self, within: str) -> Read:
        assert self.answer is not None, "open a page first"
        assert self.answer.status_code < 404, self.answer.text
        text = re.sub(r"(?s)<(script|style|title).*?</\1>|<br>", " ", self.answer.text)
        if within:
            parts = re.findall(r"(?s)<article.*?</article>", text)
            found = [part for part in parts if within in part]
            assert found, f"nothing about {within} in: {text}"
            text = found[0]
        read = Read()
        read.feed(text)
        return read
