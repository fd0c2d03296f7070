"""Find the shortest script that still shows a violation, by leaving out steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from proof.simulation.records import Step


def shrink(
    steps: Sequence[Step], shows: Callable[[Sequence[Step]], bool], *, tries_max: int = 400
) -> tuple[Step, ...]:
    """Leave out ever smaller parts of a script (delta debugging), then parts of its pauses."""
    left = [tries_max]

    def still(some: Sequence[Step]) -> bool:
        left[0] -= 1
        return left[0] >= 0 and shows(some)

    short = _without_parts(list(steps), still)
    for at in range(len(short)):
        short = _with_shorter_pause(short, at, still)
    return tuple(short)


def _with_shorter_pause(
    steps: list[Step], at: int, still: Callable[[Sequence[Step]], bool]
) -> list[Step]:
    interrupt = steps[at].get("interrupt", {})

    def pausing(some: Sequence[Step]) -> list[Step]:
        return _with(steps, at, {"interrupt": {**interrupt, "meanwhile": list(some)}})

    meanwhile = list(interrupt.get("meanwhile", ()))
    if not meanwhile:
        return steps
    return pausing(_without_parts(meanwhile, lambda some: still(pausing(some))))


def _with(steps: Sequence[Step], at: int, changes: Step) -> list[Step]:
    return [*steps[:at], {**steps[at], **changes}, *steps[at + 1 :]]


def _without_parts(steps: list[Step], still: Callable[[Sequence[Step]], bool]) -> list[Step]:
    size = max(1, len(steps) // 2)
    while True:
        at = 0
        while at < len(steps):
            fewer = [*steps[:at], *steps[at + size :]]
            if still(fewer):
                steps = fewer
            else:
                at += size
        if size == 1:
            return steps
        size = max(1, size // 2)
