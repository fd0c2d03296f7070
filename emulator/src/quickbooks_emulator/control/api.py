"""The control API under `/_emulator/`, through which the owner inspects and controls the emulator.

Reads are a table of views; changes go through `acts.py`, so that a replay can repeat them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from quickbooks_emulator.basics.faults import NotModelled, Refusal
from quickbooks_emulator.basics.switches import choices
from quickbooks_emulator.basics.wire import Request, Response
from quickbooks_emulator.books.company import Company
from quickbooks_emulator.misfortunes.misfortune import KINDS
from quickbooks_emulator.pages.page import STATIC, origin, render, static
from quickbooks_emulator.world.acts import DEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from quickbooks_emulator.world.emulator import Emulator

CONTROL = "/_emulator"
JOURNAL_ROWS = 100
ROWS = 100
PAGE_ROWS = 40
DOING = {
    ("POST", "apps"): "add_app",
    ("POST", "users"): "add_user",
    ("POST", "companies"): "add_company",
    ("POST", "faults"): "add_fault",
    ("DELETE", "faults"): "clear_faults",
    ("PUT", "weather"): "weather",
    ("PUT", "bell"): "bell",
    ("PATCH", "switches"): "turn",
    ("PATCH", "limits"): "limit",
}
"""Method and path → act; the request's body holds the act's arguments."""


TEXTS = frozenset({"id", "realm_id", "client_id", "name", "kind", "path"})
"""Fields of the page's forms that stay text even if they look like a number."""


class NotFound(LookupError):
    """There is nothing at this path of the control API."""


def answer_control(emulator: Emulator, request: Request) -> Response:
    """Return the response to a request of the emulator's owner."""
    if _from_elsewhere(emulator, request):
        return _json(403, {"error": "the control API does not answer to pages of other origins"})
    if _is_simple(request):
        return _json(415, {"error": "send the body as application/json"})
    if request.path.startswith(STATIC):
        return static(request) or _json(404, {"error": f"there is no {request.path}"})
    words = tuple(each for each in request.path.removeprefix(CONTROL).split("/") if each)
    try:
        outcome = _do(emulator, request, words)
    except (NotFound, NotModelled, Refusal, ValueError, TypeError, KeyError) as problem:
        return _refused(problem)
    return outcome if isinstance(outcome, Response) else _json(200, outcome)


def _refused(problem: Exception) -> Response:
    match problem:
        case NotFound():
            return _json(404, {"error": str(problem)})
        case NotModelled():
            return _json(501, {"error": problem.what})
        case Refusal():
            return _json(problem.status, {"error": str(problem), "Fault": problem.document()})
        case _:
            return _json(400, {"error": str(problem)})


def _do(emulator: Emulator, request: Request, words: tuple[str, ...]) -> Any:  # noqa: ANN401  JSON
    method = request.method
    if method in {"GET", "HEAD"}:
        with emulator.lock, emulator.clock.held():
            emulator.catch_up()
            return _see(emulator, request, words)
    if (method, *words) == ("POST", "do"):
        return _submitted(emulator, request.form())
    if (method, *words) == ("PUT", "state"):
        emulator.load(request.body)
        return overview(emulator)
    facts = request.json() if request.body else {}
    if not isinstance(facts, dict):
        raise TypeError("the body must be a JSON object")
    if len(words) == 1 and (method, words[0]) in DOING:
        return emulator.act(DOING[method, words[0]], facts)
    return _do_more(emulator, request, words, facts)


def _landing(emulator: Emulator, facts: dict[str, Any]) -> str | None:
    """Return the URL to which QuickBooks sends a person who has disconnected an app."""
    url = emulator.oauth.apps[facts["client_id"]].disconnect_url
    return f"{url}?{urlencode({'realmId': facts['realm_id']})}" if url else None


def _do_more(
    emulator: Emulator, request: Request, words: tuple[str, ...], facts: dict[str, Any]
) -> Any:  # noqa: ANN401  JSON
    outcome: Any
    match (request.method, *words):
        case ("POST", "acts"):
            outcome = emulator.act(str(facts.get("do")), facts.get("with", {}))
        case ("POST", "authorize"):
            outcome = emulator.oauth.describe(emulator.act("authorize", facts), with_hard_end=True)
        case ("POST", "disconnect"):
            ended = emulator.act("disconnect", facts)
            outcome = {"ended": ended, "landing": _landing(emulator, facts)}
        case ("POST", "clock"):
            name = "advance" if "seconds" in facts else "set_clock"
            outcome = {"now": emulator.act(name, facts)}
        case ("DELETE", "faults", rule_id):
            if not emulator.act("remove_fault", {"id": rule_id}):
                raise NotFound(f"there is no fault {rule_id!r}")
            outcome = {"removed": rule_id}
        case ("POST", "companies", realm_id, "person"):
            outcome = emulator.act("person", {"realm_id": realm_id, **facts})
        case ("POST", "webhooks", "deliver"):
            notices = emulator.deliver(at_once=bool(facts.get("at_once", True)))
            outcome = [each.document() for each in notices]
        case _:
            raise NotFound(f"nothing can be done with {request.method} {request.path}")
    return outcome


def _see(emulator: Emulator, request: Request, words: tuple[str, ...]) -> Any:  # noqa: ANN401  JSON
    match words:
        case ():
            wants_page = "text/html" in request.header("accept")
            return control_page(emulator) if wants_page else overview(emulator)
        case ("companies", realm_id, *rest):
            return _see_company(emulator, request, realm_id, tuple(rest))
        case ("state",):
            return Response(200, {"content-type": "application/json"}, emulator.save())
        case ("journal.jsonl",):
            body = "".join(emulator.journal.lines()).encode()
            return Response(200, {"content-type": "application/jsonl;charset=UTF-8"}, body)
        case ("journal",):
            since, limit = _number(request, "since", 0), _number(request, "limit", JOURNAL_ROWS)
            entries = emulator.journal.since(since, request.param("kind"))
            return {"entries": [each.document() for each in entries[:limit]]}
        case (name,) if name in (seen := views(emulator)):
            return seen[name]()
    raise NotFound(f"there is nothing to see at {request.path}")


def _see_company(emulator: Emulator, request: Request, realm_id: str, rest: tuple[str, ...]) -> Any:  # noqa: ANN401  JSON
    company = emulator.companies.get(realm_id)
    if company is None:
        raise NotFound(f"there is no company {realm_id!r}")
    match rest:
        case ():
            return company
        case ("trial-balance",):
            return company.trial_balance()
        case ("records",):
            return {kind: len(records) for kind, records in company.books.records.items()}
        case ("records", kind) if kind in company.books.records:
            start, limit = _number(request, "start", 0), _number(request, "limit", ROWS)
            found = list(company.books.records[kind].values())[start : start + limit]
            return {kind: [company.books.document(each) for each in found]}
    raise NotFound(f"there is nothing to see at {request.path}")


def overview(emulator: Emulator) -> dict[str, Any]:
    """Return an overview of the emulator."""
    return {
        "now": emulator.clock.now(),
        "seed": emulator.seed,
        "base_url": emulator.base_url,
        "apps": list(emulator.oauth.apps.values()),
        "users": list(emulator.oauth.users.values()),
        "companies": list(emulator.companies.values()),
        "faults": _faults(emulator),
        "requests": len(emulator.journal.requests()),
    }


def control_page(emulator: Emulator, *, problem: str = "") -> Response:
    """Return the overview as an HTML page, with forms for the most frequent acts."""
    with emulator.lock, emulator.clock.held():
        # A browser also checks form-action for the URL that a form's response redirects to.
        landings = [origin(each.disconnect_url) for each in emulator.oauth.apps.values()]
        return render(
            "control.html",
            status=400 if problem else 200,
            policy=f"form-action 'self' {' '.join(landings)}",
            problem=problem,
            emulator=emulator,
            kinds=KINDS,
            deeds=DEEDS,
            entries=emulator.journal.since()[-PAGE_ROWS:][::-1],
            notices=emulator.webhooks.sent()[-PAGE_ROWS:][::-1],
            switches=emulator.switches.as_dict(),
            choices=choices(),
        )


def _submitted(emulator: Emulator, form: dict[str, str]) -> Response:
    """Run the act that a form of the page submits, then redirect or show the error."""
    name = form.pop("do", "")
    more = _read(form.pop("more", "") or "{}")
    facts = {key: value if key in TEXTS else _read(value) for key, value in form.items() if value}
    if isinstance(more, dict):
        facts.update(more)
    try:
        if name == "deliver":
            emulator.deliver(at_once=True)
        else:
            emulator.act(name, facts)
    except (ValueError, TypeError, KeyError, Refusal, NotModelled) as problem:
        return control_page(emulator, problem=str(problem))
    there = (_landing(emulator, facts) if name == "disconnect" else None) or f"{CONTROL}/"
    return Response(303, {"location": there, "cache-control": "no-store"}, b"")


def _read(text: str) -> Any:  # noqa: ANN401  JSON
    """Return a form field's value, parsed as JSON if it is valid JSON (60, true), else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _faults(emulator: Emulator) -> dict[str, Any]:
    return {
        "rules": [each.document() for each in emulator.faults.rules.values()],
        "weather": emulator.faults.weather,
        "bell": emulator.webhooks.bell,
    }


def _usage(emulator: Emulator) -> list[dict[str, Any]]:
    return [
        {"client_id": client_id, "month": month, "core_plus_calls": count}
        for (client_id, month), count in emulator.throttle.metered.items()
    ]


def views(emulator: Emulator) -> dict[str, Callable[[], Any]]:
    """Return the views that have a one-segment path, by that segment."""
    oauth = emulator.oauth
    return {
        "health": lambda: {"status": "ok", "now": emulator.clock.now()},
        "apps": lambda: list(oauth.apps.values()),
        "users": lambda: list(oauth.users.values()),
        "companies": lambda: list(emulator.companies.values()),
        "grants": lambda: list(emulator.grants.grants.values()),
        "faults": lambda: _faults(emulator),
        "clock": lambda: {"now": emulator.clock.now()},
        "switches": lambda: emulator.switches,
        "limits": lambda: emulator.throttle.limits,
        "usage": lambda: _usage(emulator),
        "webhooks": lambda: [each.document() for each in emulator.webhooks.sent()],
    }


def plain(value: object) -> Any:  # noqa: ANN401  JSON
    """Convert a value of the emulator for the JSON encoder."""
    if isinstance(value, Company):
        settings = asdict(value.settings)
        return {"realm_id": value.realm_id, "name": value.name, "settings": settings}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return str(value)


def _json(status: int, document: object) -> Response:
    body = json.dumps(document, default=plain, ensure_ascii=False, indent=2) + "\n"
    headers = {"content-type": "application/json;charset=UTF-8", "cache-control": "no-store"}
    return Response(status, headers, body.encode())


def _number(request: Request, name: str, otherwise: int) -> int:
    return int(request.param(name) or otherwise)


def _from_elsewhere(emulator: Emulator, request: Request) -> bool:
    """Return whether a request may come from a web page of another origin.

    A browser sends the origin of a page's request. If a page makes its own host name resolve to
    this machine (DNS rebinding), the `Host` header still has that name.
    """
    if urlsplit(f"//{request.header('host')}").hostname not in _own_names(emulator):
        return True
    site = request.header("sec-fetch-site")
    if site:
        return site not in {"same-origin", "none"}
    origin = request.header("origin")
    return bool(origin) and urlsplit(origin).netloc != request.header("host")


def _own_names(emulator: Emulator) -> set[str | None]:
    return {"localhost", "127.0.0.1", "::1", urlsplit(emulator.base_url or "").hostname}


def _is_simple(request: Request) -> bool:
    """Return whether a browser would send the body to any site without asking that site first."""
    kind = request.header("content-type").partition(";")[0].strip().lower()
    return bool(request.body) and kind in {"text/plain", "multipart/form-data"}
