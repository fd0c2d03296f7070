"""The emulator as a whole: a pure function from requests to responses, over companies' books.

The same seed and the same requests produce byte-identical responses. A request passes through:
misfortune → route → gateway (token, company, limits) → books → journal.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from quickbooks_emulator.accounting import api, gateway
from quickbooks_emulator.accounting.batch import begun
from quickbooks_emulator.basics.faults import NotModelled, Refusal
from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.basics.wire import Request, Response, encode_json
from quickbooks_emulator.misfortunes.late import Late
from quickbooks_emulator.misfortunes.spoiling import instead, spoiled
from quickbooks_emulator.sign_in.apps import User
from quickbooks_emulator.world import state
from quickbooks_emulator.world.acts import ACTS
from quickbooks_emulator.world.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from quickbooks_emulator.books.company import Company
    from quickbooks_emulator.notices.webhooks import Notice
    from quickbooks_emulator.sign_in.apps import App
    from quickbooks_emulator.sign_in.grants import Tokens

BOOKS = "/v3/company/"
FILES = "/files/"
ACCOUNTING_ONLY = ("com.intuit.quickbooks.accounting",)
GOOD = 400
REFUSALS = (ValueError, TypeError, KeyError, Refusal, NotModelled)
"""The exceptions of an act whose facts are wrong or whose effect is not possible or modelled."""


class Emulator(World):
    """Intuit, as far as it is modelled."""

    # The clients' side

    def handle(self, request: Request) -> Response:
        """Return the response to one request of a client."""
        with self.lock, self.clock.held() as now:
            self._work_late(now)
            tid = self._new_tid(now)
            self._call = None
            misfortune = self.faults.befalling(request)
            if misfortune is None:
                response = self._dispatch(request, tid, now)
            elif misfortune.prevents:
                if misfortune.kind == "late_commit":
                    due = now + timedelta(seconds=misfortune.seconds)
                    self.late.append(Late(now, due, request, tid))
                response = instead(misfortune, request, self.switches, now)
            else:
                worked = begun(request) if misfortune.kind == "timeout_midway" else request
                response = self._dispatch(worked, tid, now)
                response = spoiled(response, misfortune, request, now)
            response = self._stamped(response, tid, now)
            facts: dict[str, Any] = {"tid": tid}
            facts["misfortune"] = misfortune.kind if misfortune else None
            if seconds := response.delivery.delay_seconds:
                facts["seconds"] = seconds  # until the response, even if the client gave up
            if self._call is not None:
                self.throttle.occupy(self._call, now, self.switches, seconds)
            self.journal.write("request", now, facts, request, response)
            return response

    def _dispatch(
        self, request: Request, tid: str, came: datetime, *, limited: bool = True
    ) -> Response:
        self._tid, self._client_id = tid, ""
        if request.path.startswith(BOOKS):
            try:
                return self._books(request, tid, came, limited=limited)
            except gateway.Denied as denied:
                return denied.response
        if request.path.startswith(FILES):
            file = self._file(request.path)
            if file is not None:
                return file
        answer = self.oauth.answer(request, self.address(request)) or self.consent.answer(request)
        if answer is not None:
            return answer
        what = f"{request.method} {request.path} is not modelled by quickbooks-emulator"
        return Response(501, {"content-type": "application/json"}, encode_json({"error": what}))

    def _file(self, path: str) -> Response | None:
        """Return an uploaded file by its temporary path, which needs no token."""
        company = self.companies.get(path.removeprefix(FILES).partition("/")[0])
        return None if company is None else api.file_response(company, path)

    def _books(self, request: Request, tid: str, came: datetime, *, limited: bool) -> Response:
        realm_id = request.path.removeprefix(BOOKS).partition("/")[0]
        visitor = gateway.authenticate(
            request, self.grants, self.oauth.apps, self.oauth.users, came
        )
        company = self.companies.get(realm_id)
        sandbox = realm_id not in self.production if company else None
        gateway.authorize(request, visitor, realm_id, sandbox=sandbox, now=came)
        assert company is not None
        self._client_id = visitor.app.client_id
        if not limited:
            return api.answer(company, request, tid, self.address(request))
        call = self._call = gateway.call_of(request, visitor, realm_id, self.switches)
        if reason := self.throttle.admit(call, came, self.switches):
            self._call = None
            return gateway.throttled(request, reason, self.switches, came)
        response = api.answer(company, request, tid, self.address(request))
        self.throttle.answered(call, came, self.switches, good=response.status < GOOD)
        return response

    def _work_late(self, now: datetime) -> None:
        """Execute the late requests that are due by now, each at the moment it was due."""
        due = sorted((each for each in self.late if each.due <= now), key=lambda late: late.due)
        self.late = [each for each in self.late if each.due > now]
        for late in due:
            with self.clock.held_at(late.due):
                response = self._dispatch(late.request, late.tid, late.came, limited=False)
            facts = {"do": "late commit", "tid": late.tid, "status": response.status}
            self.journal.write("act", late.due, facts)

    def catch_up(self) -> None:
        """Execute the late requests that are due; call it before reading the books."""
        with self.lock, self.clock.held() as now:
            self._work_late(now)

    def _stamped(self, response: Response, tid: str, now: datetime) -> Response:
        headers = {
            **response.headers,
            "intuit_tid": tid,
            "date": format_datetime(now, usegmt=True),
            "server": "nginx",
        }
        delivery = response.delivery
        if self.latency_seconds:
            waiting = delivery.delay_seconds + self.latency_seconds
            delivery = replace(delivery, delay_seconds=waiting)
        return Response(response.status, headers, response.body, delivery)

    def _new_tid(self, now: datetime) -> str:
        return f"1-{int(now.timestamp()):08x}-{self.dice.hexadecimal('tid', 24)}"

    def address(self, request: Request) -> str:
        """Return the URL at which the client reaches the emulator."""
        return self.base_url or f"http://{request.header('host') or 'localhost'}"

    # The owner's side

    def act(self, name: str, facts: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  each act has its own outcome
        """Run one of the acts of `acts.py` and record it in the journal, for replays."""
        if name not in ACTS:
            raise ValueError(f"there is no act {name!r}; there are {', '.join(ACTS)}")
        with self.lock, self.clock.held() as now:
            self._work_late(now)
            self._tid, self._client_id = "", ""
            told = {"do": name, "with": dict(facts or {})}
            try:
                outcome = ACTS[name](self, **(facts or {}))
            except REFUSALS as problem:
                # A refused act is recorded, too: it may have used random draws.
                self.journal.write("act", now, {**told, "refused": str(problem)})
                raise
            self.journal.write("act", now, told)
            return outcome

    def add_app(
        self,
        client_id: str = "",
        client_secret: str = "",
        redirect_uris: Sequence[str] = (),
        **more: Any,  # noqa: ANN401  see acts.add_app
    ) -> App:
        """Register an app; omitted keys are generated."""
        facts = {"client_id": client_id, "client_secret": client_secret, **more}
        added: App = self.act("add_app", {**facts, "redirect_uris": list(redirect_uris)})
        return added

    def add_company(self, name: str = "Sandbox Company_US_1", **more: Any) -> Company:  # noqa: ANN401  see acts.add_company
        """Create a company; see `acts.add_company` for the options."""
        added: Company = self.act("add_company", {"name": name, **more})
        return added

    def add_user(self, email: str, **more: Any) -> User:  # noqa: ANN401  see acts.add_user
        """Register a person who can give consent."""
        added: User = self.act("add_user", {"email": email, **more})
        return added

    def authorize(
        self,
        realm_id: str,
        client_id: str,
        scopes: Sequence[str] = ACCOUNTING_ONLY,
        user_id: str | None = None,
    ) -> Tokens:
        """Grant consent without a browser, and return the tokens."""
        facts = {"realm_id": realm_id, "client_id": client_id, "scopes": list(scopes)}
        tokens: Tokens = self.act("authorize", {**facts, "user_id": user_id})
        return tokens

    def disconnect(self, realm_id: str, client_id: str) -> int:
        """Disconnect an app from a company, as its user can inside QuickBooks."""
        ended: int = self.act("disconnect", {"realm_id": realm_id, "client_id": client_id})
        return ended

    def add_fault(self, kind: str, **more: Any) -> str:  # noqa: ANN401  see acts.add_fault
        """Add a rule for a misfortune and return the rule's id."""
        rule_id: str = self.act("add_fault", {"kind": kind, **more})
        return rule_id

    def turn(self, **switches: Any) -> Switches:  # noqa: ANN401  each switch has its own type
        """Change some switches."""
        turned: Switches = self.act("turn", switches)
        return turned

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.act("advance", {"seconds": seconds})

    def save(self) -> bytes:
        """Return the whole state except the journal, as a JSON document."""
        with self.lock, self.clock.held():
            self.catch_up()
            return state.save(self)

    def load(self, saved: bytes) -> None:
        """Replace the state with a saved one, and record its digest in the journal."""
        state.load(self, saved)
        with self.lock, self.clock.held() as now:
            digest = sha256(saved).hexdigest()
            self.journal.write("act", now, {"do": "load", "with": {"sha256": digest}})

    def deliver(self, *, at_once: bool = False) -> list[Notice]:
        """Post the webhook notices that are due, or all waiting ones; each is tried once."""
        tried: list[Notice] = []
        while True:
            with self.lock, self.clock.held() as now:
                self._work_late(now)
                known = frozenset(each.id for each in tried)
                notice = self.webhooks.next_due(now, at_once=at_once, tried=known)
            if notice is None:
                return tried
            status = self.courier(notice)
            with self.lock, self.clock.held() as now:
                self.webhooks.settle(notice, status, now)
                facts = {"notice": notice.id, "client_id": notice.client_id, "url": notice.url}
                told = {**facts, "status": status, "attempt": len(notice.attempts)}
                self.journal.write("webhook", now, {**told, "body": notice.body.decode()})
            tried.append(notice)

    def wait(self, seconds: float) -> None:
        """Move the clock forward for a client that waits for a response; not journalled."""
        if seconds:
            with self.lock:
                self.clock.advance(seconds)
