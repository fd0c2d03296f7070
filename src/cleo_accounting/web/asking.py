"""Ask for a run by the doors of HTTP: nothing is written to a company that nobody has confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleo_accounting.flows import steer, sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleo_accounting.flows import House
    from cleo_accounting.store.integrations import Integration
    from cleo_accounting.store.runs import Run


def ask(
    house: House,
    integration: Integration,
    entity_types: Sequence[str],
    *,
    dry_run: bool = False,
    **more: Any,  # noqa: ANN401  what sync.request takes
) -> Run:
    """Ask for a run; the first one that writes needs a confirmed company, a preview does not.

    Raises:
        Conflict: nobody has said yet that it is the right company; or as of sync.request.
    """
    if not dry_run:
        steer.see_that_confirmed(house, integration)
    return sync.request(house, integration, entity_types, dry_run=dry_run, **more)
