"""Situations that bring a planted bug out: scripts of a few steps, drawn from a seed.

The broad scripts of the simulation meet all of these as well, but seldom: a hunt has minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from proof.simulation.amnesia import forgetful
from proof.simulation.ours import CODES
from proof.simulation.records import Step
from proof.simulation.script import Focus, Script, write
from proof.zoo.openings import (
    SYNC,
    UNDONE,
    UNHEARD,
    VENDORS,
    Situation,
    dice_of,
    opening,
    payable_step,
    terms_of,
    trouble,
    unsafe_terms,
)


def broad(focus: Focus) -> Situation:
    """Return the simulation's own script of a seed, with one feature more often."""
    return partial(write, focus=focus)


def calm(seed: int) -> Script:
    """Nothing goes wrong."""
    dice = dice_of(seed)
    return Script(terms_of(seed, dice), (*opening(dice), *SYNC))


def tracked(seed: int) -> Script:
    """A class, a location and terms are chosen, in a company that tracks them."""
    script = calm(seed)
    terms = replace(
        script.terms,
        company={**script.terms.company, "classes_per_line": True, "departments": True},
    )
    choice: Step = {"do": "choose", "fields": dict(CODES)}
    return Script(terms, (*script.steps[:3], choice, *script.steps[3:]))


def lost_answers(seed: int) -> Script:
    """Batches are written, and their answers never arrive."""
    dice = dice_of(seed)
    fault = trouble(dice.choice(UNHEARD), dice.choice([1, 2]), dice.randint(0, 5))
    return Script(terms_of(seed, dice), (*opening(dice), fault, *SYNC))


def odd_cents(seed: int) -> Script:
    """Nothing goes wrong, and the amounts have no exact binary fraction."""
    script, dice = calm(seed), dice_of(seed)
    steps = [
        payable_step(step["n"], dice.choice([115, 12_345])) if step["do"] == "payable" else step
        for step in script.steps
    ]
    return replace(script, steps=tuple(steps))


def asleep(seed: int) -> Script:
    """A batch fails, and the worker crashes while it naps until it may look again."""
    dice = dice_of(seed)
    fault = trouble(dice.choice(UNDONE), 1, dice.randint(0, 2))
    crash = {"at": dice.randint(1, 3), "how": "crash", "edges": ["sleep"]}
    dies: Step = {"do": "work", "turns": 40, "interrupt": crash}
    return Script(terms_of(seed, dice), (*opening(dice), fault, {"do": "sync"}, dies))


def lost_bills(seed: int) -> Script:
    """Answers about bills are lost, and QuickBooks does not prevent duplicates."""
    dice = dice_of(seed)
    lost = trouble(dice.choice(UNHEARD), dice.choice([1, 2]), dice.randint(0, 1))
    return Script(unsafe_terms(seed, dice), (*opening(dice), *VENDORS, lost, *SYNC))


def late_commits(seed: int) -> Script:
    """Batches take effect long after their answers were given up, or are not visible at first."""
    dice = dice_of(seed)
    late = trouble("late_commit", 2, dice.randint(0, 1), seconds=dice.choice([40.0, 100.0]))
    return Script(unsafe_terms(seed, dice), (*opening(dice), *VENDORS, late, *SYNC))


def no_answers(seed: int) -> Script:
    """For hours, no batch succeeds."""
    dice = dice_of(seed)
    fault = trouble(dice.choice(UNDONE), 40)
    work: Step = {"do": "work", "turns": 150}
    return Script(terms_of(seed, dice), (*opening(dice, 2), fault, {"do": "sync"}, work))


def throttled(seed: int) -> Script:
    """QuickBooks throttles us, and tells us for how long."""
    dice = dice_of(seed)
    fault = {**trouble("throttled", dice.choice([1, 2, 3])), "path": "/v3/*"}
    return Script(terms_of(seed, dice), (*opening(dice), fault, *SYNC))


def one_number_of_two_vendors(seed: int) -> Script:
    """Two vendors have bills with one number, which this QuickBooks refuses."""
    dice = dice_of(seed)
    bills = [
        {**payable_step(n, dice.randint(10, 50_000), role="payer"), "to": n, "number": "1001"}
        for n in range(2)
    ]
    terms = terms_of(seed, dice, requestid="honoured", duplicate_numbers="refused")
    return Script(terms, (*opening(dice, 0), *bills, *SYNC))


def cancelled(seed: int) -> Script:
    """A run is cancelled when some of it has been sent."""
    dice = dice_of(seed)
    some: Step = {"do": "work", "turns": dice.randint(2, 8)}
    steps = (*opening(dice, 8), {"do": "sync"}, some, {"do": "cancel"}, {"do": "work", "turns": 3})
    return Script(terms_of(seed, dice), steps)


def killed(seed: int) -> Script:
    """A worker crashes while a batch is sent or answered, and another one continues."""
    dice = dice_of(seed)
    at = {"at": dice.randint(1, 4), "edges": [dice.choice(["send", "answered", "answered"])]}
    dies: Step = {"do": "work", "turns": 40, "interrupt": {**at, "how": "crash"}}
    lives: Step = {"do": "work", "worker": 1, "turns": 40}
    later: Step = {"do": "pass", "seconds": dice.choice([0.0, 400.0])}
    steps = (*opening(dice), *VENDORS, {"do": "sync"}, dies, later, lives)
    return Script(unsafe_terms(seed, dice), steps)


def suspended(seed: int) -> Script:
    """A worker is paused for longer than its lease, and wakes up when another one has the run."""
    dice = dice_of(seed)
    lives: Step = {"do": "work", "worker": 1, "turns": dice.choice([1, 3, 40])}
    long: Step = {"do": "pass", "seconds": dice.choice([30.0, 700.0])}
    edge = dice.choice(["send", "answered", "committed"])
    sleeps = {"at": dice.randint(1, 5), "how": "pause", "edges": [edge]}
    work = {"do": "work", "turns": 40, "interrupt": {**sleeps, "meanwhile": [long, lives]}}
    return Script(unsafe_terms(seed, dice), (*opening(dice, 6), *VENDORS, {"do": "sync"}, work))


def slow_to_leave(seed: int) -> Script:
    """A worker is paused with a batch in hand, with no other worker, while queries lag behind."""
    dice = dice_of(seed)
    long: Step = {"do": "pass", "seconds": 700.0}
    sleeps = {"at": dice.randint(1, 9), "how": "pause", "edges": ["send"], "meanwhile": [long]}
    work: Step = {"do": "work", "turns": 40, "interrupt": sleeps}
    terms = unsafe_terms(seed, dice, query_lag_seconds=5.0)
    return Script(terms, (*opening(dice), *VENDORS, {"do": "sync"}, work))


def reconnected(seed: int) -> Script:
    """A business disconnects and reconnects, with a run requested before."""
    dice = dice_of(seed)
    again: Sequence[Step] = ({"do": "disconnect"}, {"do": "connect"}, *SYNC)
    return Script(terms_of(seed, dice), (*opening(dice), {"do": "sync"}, *again))


def look_alikes(seed: int) -> Script:
    """Two new connections have almost the same name."""
    dice = dice_of(seed)
    first, second = dice.sample(["HARBOR PAPER INC", "Harbor Paper", "Harbor Paper, Ltd."], 2)
    alike: list[Step] = [
        {"do": "connection", "n": 10, "name": first},
        {"do": "connection", "n": 11, "name": second},
    ]
    once = SYNC if dice.random() < 0.5 else ()
    return Script(terms_of(seed, dice), (*opening(dice), alike[0], *once, alike[1], *SYNC))


def bad_emails(seed: int) -> Script:
    """The e-mail of a new connection is not an address."""
    dice = dice_of(seed)
    odd: Step = {"do": "connection", "n": 10, "name": "Harbor Paper", "email": "ask at the desk"}
    return Script(
        terms_of(seed, dice), (*opening(dice), odd, payable_step(20, 500) | {"to": 10}, *SYNC)
    )


def disconnected(seed: int) -> Script:
    """A business disconnects while a run is under way."""
    dice = dice_of(seed)
    some: Step = {"do": "work", "turns": dice.randint(1, 6)}
    steps = (*opening(dice, 8), {"do": "sync"}, some, {"do": "disconnect"})
    return Script(terms_of(seed, dice), (*steps, {"do": "work", "turns": 20}))


def stale_tokens(seed: int) -> Script:
    """The access token is an hour old, and the token endpoint fails."""
    dice = dice_of(seed)
    kinds = {"invalid_grant": 1, "error_before_commit": 9, "timeout_before_commit": 9}
    kind = dice.choice(list(kinds))
    fault = {**trouble(kind, kinds[kind]), "path": "*/tokens/bearer"}
    hour: Step = {"do": "pass", "seconds": 3600.0}
    again: Sequence[Step] = ({"do": "pass", "seconds": 7200.0}, payable_step(9, 77), *SYNC)
    steps = (*opening(dice), *SYNC, fault, hour, payable_step(8, 1234), *SYNC, *again)
    return Script(terms_of(seed, dice), steps)


def forgotten(seed: int) -> Script:
    """The database is lost or restored from a backup, and all records are sent again."""
    return forgetful(seed, "copy" if seed % 2 else "nothing")
