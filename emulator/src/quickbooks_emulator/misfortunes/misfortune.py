"""Injected failures ("misfortunes") and when they happen: by rule, or at random from the seed.

A rule names one misfortune and the requests it applies to. The weather gives each kind of
misfortune a probability. Its draws come from the seed, in a stream of their own, so that equal runs
meet equal misfortunes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from quickbooks_emulator.basics.dice import Dice
    from quickbooks_emulator.basics.wire import Request

Kind = Literal[
    "delay",
    "drop_before_commit",
    "drop_after_commit",
    "reset_mid_body",
    "truncated_body",
    "empty_body",
    "html_page",
    "error_before_commit",
    "error_after_commit",
    "timeout_before_commit",
    "timeout_after_commit",
    "timeout_midway",
    "late_commit",
    "slow_drip",
    "throttled",
    "invalid_grant",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Misfortune:
    """One failure that can be injected into a request or its response."""

    kind: Kind
    seconds: float = 5.0
    """How long a delay lasts, or how long after the request a late commit happens."""
    status: int | None = None
    """The status of an error (by default 500) or of an HTML page (by default 503)."""
    after_bytes: int | None = None
    """How many bytes of a body are sent before it is cut; None means half."""
    bytes_per_second: int = 64
    """How fast the body of a `slow_drip` is sent."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no misfortune {self.kind!r}; there are {', '.join(KINDS)}")

    @property
    def prevents(self) -> bool:
        """Whether the request is not executed, or (`late_commit`) not executed now."""
        return self.kind in {
            "drop_before_commit",
            "error_before_commit",
            "timeout_before_commit",
            "late_commit",
            "throttled",
            "invalid_grant",
        }


@dataclass(slots=True)
class Rule:
    """A misfortune and the requests it applies to; every condition given must hold."""

    misfortune: Misfortune
    id: str = ""
    method: str | None = None
    path: str = "*"
    """A shell-style pattern that the path must match, regardless of case: `*/bill`."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Query parameters, each with a pattern that its value must match."""
    body: str = ""
    """Text that the body must contain."""
    skip: int = 0
    """How many matching requests are left unharmed first."""
    times: int | None = 1
    """How many matching requests fail after those; None means all."""
    chance: float = 1.0
    met: int = 0
    struck: int = 0

    def fits(self, request: Request) -> bool:
        """Return whether the request meets the rule's conditions."""
        if self.method and request.method != self.method.upper():
            return False
        if not fnmatchcase(request.path.lower(), self.path.lower()):
            return False
        for name, pattern in self.query.items():
            value = request.param(name)
            if value is None or not fnmatchcase(value, pattern):
                return False
        return not self.body or self.body.encode() in request.body

    def document(self) -> dict[str, Any]:
        """Return the rule as the control API shows it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Weather:
    """Random misfortunes: the probability of each kind, and the paths they apply to."""

    rates: Mapping[Kind, float] = field(default_factory=dict)
    path: str = "/v3/*"
    delay_seconds_max: float = 30.0

    def __post_init__(self) -> None:
        for kind, rate in self.rates.items():
            if kind not in KINDS or not 0 <= rate <= 1:
                raise ValueError(f"no rate {rate!r} can be given to a misfortune {kind!r}")
        if sum(self.rates.values()) > 1:
            raise ValueError("the rates add up to more than 1")


CALM = Weather()


class Misfortunes:
    """The rules and the weather of one emulator."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self.count = 0
        self.rules: dict[str, Rule] = {}
        self.weather = CALM

    def add(self, rule: Rule) -> Rule:
        """Add a rule; it gets an id if it has none."""
        self.count += 1
        rule.id = rule.id or f"fault-{self.count}"
        self.rules[rule.id] = rule
        return rule

    def remove(self, rule_id: str) -> bool:
        """Remove a rule; returns whether there was one with this id."""
        return self.rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Remove every rule and reset the weather, so that nothing fails."""
        self.rules.clear()
        self.weather = CALM

    def befalling(self, request: Request) -> Misfortune | None:
        """Return the request's misfortune: of the first rule that applies, else the weather's."""
        for rule in self.rules.values():
            if not rule.fits(request):
                continue
            rule.met += 1
            spent = rule.times is not None and rule.struck >= rule.times
            if rule.met <= rule.skip or spent:
                continue
            if rule.chance >= 1 or self._dice.fraction(f"rule {rule.id}") < rule.chance:
                rule.struck += 1
                return rule.misfortune
        return self._by_chance(request)

    def _by_chance(self, request: Request) -> Misfortune | None:
        weather = self.weather
        if not weather.rates or not fnmatchcase(request.path.lower(), weather.path.lower()):
            return None
        drawn = self._dice.fraction("weather")
        for kind, rate in weather.rates.items():
            if drawn < rate:
                return self._shaped(kind)
            drawn -= rate
        return None

    def _shaped(self, kind: Kind) -> Misfortune:
        shape = self._dice.fraction("weather shape")
        return Misfortune(
            kind=kind,
            seconds=round(shape * self.weather.delay_seconds_max, 3),
            status=(500, 502, 503)[int(shape * 3)],
        )
