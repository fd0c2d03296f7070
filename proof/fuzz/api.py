"""Fuzz the API: all that its contract allows or forbids, alone and in sequences, from any role."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import HypothesisException
from schemathesis import GenerationMode
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from proof.fuzz.place import OTHER, RANKS, Place
from proof.fuzz.watch import GIVEN_UP_SECONDS, Asked, Watch
from proof.processes.stage import BUSINESS

_CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
_EXAMPLES = 5
_SCENARIOS, _STEPS = 12, 8
_ENDLESS = "/events"
_SIGN_IN = ("/connect", "/callback")


class ApiDoor:
    """Sends cases generated from the contract, and checks each answer against it."""

    def __init__(self, here: Place, watch: Watch, seed: int, stop: threading.Event) -> None:
        self._here = here
        self._watch = watch
        self._seed = seed
        self._stop = stop
        self._dice = random.Random(f"{seed} api")
        self._runs: list[str] = []
        self._contract = schemathesis.openapi.from_url(f"{here.url}/openapi.json")

    def work(self) -> None:
        """Send cases until it is time to stop: operation by operation, then in sequences."""
        for number in _counted(self._stop):
            self._each_operation(f"{self._seed} api {number}")
            self._sequences(f"{self._seed} api {number}")

    def _each_operation(self, seed: str) -> None:
        operations = [
            result.ok()  # type: ignore[union-attr]  # the contract is sound
            for result in self._contract.get_all_operations()
        ]
        self._dice.shuffle(operations)
        for operation in operations:
            if operation.path.endswith(_ENDLESS):
                continue
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                try:
                    cases = operation.as_strategy(generation_mode=mode)
                    _play(cases, self._send, seed)
                except (HypothesisException, SchemathesisError):
                    continue  # no such case can be generated
                if self._stop.is_set():
                    return

    def _sequences(self, seed: str) -> None:
        """Play scenarios in which the answer of one operation provides the input of the next."""
        door = self

        class Machine(self._contract.as_state_machine()):  # type: ignore[misc]
            """Sends its cases through this door."""

            def call(self, case: Any, **_more: Any) -> Any:  # noqa: ANN401  schemathesis's own
                """Send a case with values from the previous answer."""
                return door.send(case, linked=True)

            def validate_response(self, response: Any, case: Any, **_more: Any) -> None:  # noqa: ANN401
                """Do nothing, since the call has validated it."""

        Machine.rule_order_seed = self._dice.randrange(2**31)
        hypothesis.seed(seed)(Machine)
        try:
            Machine.run(
                settings=settings(
                    max_examples=_SCENARIOS,
                    stateful_step_count=_STEPS,
                    deadline=None,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
            )
        except (HypothesisException, SchemathesisError, _Over):
            return

    def _send(self, case: Any) -> None:  # noqa: ANN401  a case of schemathesis
        if not self._stop.is_set():
            self.send(case, linked=False)

    def send(self, case: Any, *, linked: bool) -> Any:  # noqa: ANN401  schemathesis has no types
        """Send a case, mostly about existing things, as some role; judge the answer.

        Raises:
            _Over: it is time to stop, so that no sequence goes on.
        """
        if self._stop.is_set():
            raise _Over
        self._place(case, linked=linked)
        role, headers = self._bearer(case)
        asked = Asked(
            "API" if not linked else "API, sequences",
            f"{case.method} {case.path}",
            f"as {role}: {case.as_curl_command()}",
            asks_quickbooks=case.path.endswith(_SIGN_IN),
        )
        try:
            answer = case.call(base_url=self._here.url, headers=headers, timeout=GIVEN_UP_SECONDS)
        except requests.Timeout:
            self._watch.failed(asked, f"no answer in {GIVEN_UP_SECONDS:.0f} s")
            raise _Over from None
        except requests.ConnectionError as trouble:
            self._watch.failed(asked, f"the connection broke ({type(trouble).__name__})")
            raise _Over from None
        ended = time.monotonic()
        self._watch.answered(
            asked,
            answer.status_code,
            answer.content,
            ended - answer.elapsed,
            ended,
            _code(answer),
        )
        try:
            case.validate_response(answer, checks=_CHECKS)
        except (FailureGroup, Failure) as trouble:
            self._watch.found(asked, f"not as the contract says: {_first(trouble)}")
        return answer

    def _place(self, case: Any, *, linked: bool) -> None:  # noqa: ANN401  a case of schemathesis
        """Put ids of existing things into the path, most of the time."""
        ids = case.path_parameters or {}
        if ids.get("tokenId") in self._here.token_ids:
            ids["tokenId"] = "tok_nobody"  # the doors need their own tokens
        if linked and self._dice.random() < 0.5 and not case.path.endswith("/disconnect"):
            return
        business = OTHER if self._dice.random() < 0.3 else BUSINESS
        if case.path.endswith("/disconnect"):
            business = OTHER  # the first business has to stay connected
        if "runId" in ids and (not self._runs or self._dice.random() < 0.1):
            self._runs = self._here.runs(BUSINESS)
        there = {
            "runId": (self._dice.choice(self._runs or ["run_nowhere"]), 0.8),
            "businessId": (business, 0.95),
            "accountingIntegrationId": (self._here.integrations[business], 0.9),
            "recordId": (
                f"{'pay' if 'payable' in case.path else 'conn'}_{self._dice.randrange(40)}",
                0.5,
            ),
        }
        for name, (value, chance) in there.items():
            if name in ids and self._dice.random() < chance and not (linked and name == "recordId"):
                ids[name] = value

    def _bearer(self, case: Any) -> tuple[str, dict[str, str]]:  # noqa: ANN401  a case
        drawn = self._dice.random()
        if drawn < 0.04:
            return "nobody", {}
        if drawn < 0.08:
            return "a forger", {"Authorization": f"Bearer {'x' * self._dice.choice((1, 40, 900))}"}
        if drawn < 0.7 or "{businessId}" not in case.path:
            role = "platform"
        else:
            its_own = (case.path_parameters or {}).get("businessId") == OTHER
            prefix = "other " if its_own is (self._dice.random() < 0.9) else ""
            role = prefix + self._dice.choice(RANKS)
        if case.path.endswith("/disconnect") and case.path_parameters.get("businessId") != OTHER:
            role = "viewer"
        return role, {"Authorization": f"Bearer {self._here.tokens[role]}"}


class _Over(Exception):
    """It is time to stop."""


def _play(cases: Any, send: Callable[[Any], None], seed: str) -> None:  # noqa: ANN401  a strategy
    @hypothesis.seed(seed)
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def play(case: Any) -> None:  # noqa: ANN401  a case of schemathesis
        send(case)

    try:
        play()
    except _Over:
        return


def _counted(stop: threading.Event) -> Iterator[int]:
    number = 0
    while not stop.is_set():
        yield number
        number += 1


def _code(answer: Any) -> str:  # noqa: ANN401  an answer of schemathesis
    if answer.status_code < 400:
        return ""
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _first(trouble: BaseException) -> str:
    each: BaseException = trouble
    while isinstance(each, BaseExceptionGroup):
        each = each.exceptions[0]
    return " ".join(str(each).split())[:200]
