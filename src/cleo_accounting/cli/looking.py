"""`page`, `sign-out`: open the page for a person, and end page sessions."""

from __future__ import annotations

from typing import Annotated

import typer

from cleo_accounting.cli import paper
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, opened
from cleo_accounting.flows.admin import session
from cleo_accounting.store.access import Rank

Role = Annotated[Rank, typer.Option(help="The person's role: viewer, bookkeeper or admin.")]
User = Annotated[str, typer.Option(help="The person's name in the audit log.")]
Zone = Annotated[
    str, typer.Option("--time-zone", help="Time zone for displayed times (IANA name).")
]


def page(
    *,
    business: Business,
    role: Role = Rank.ADMIN,
    user: User = "",
    time_zone: Zone = "UTC",
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print a one-time link to the page, valid for one minute. The service must be running."""
    with opened(business, database) as desk:
        made = session.invite(
            desk.house, business, user_id=user or desk.by, role=role, zone=time_zone, by=desk.by
        )
    if as_json:
        paper.data({"url": made.url, "expiresAt": made.expires_at})
        return
    paper.note("Open it in a browser within a minute. It works once.")
    typer.echo(made.url)


def sign_out(
    *,
    business: Business,
    user: Annotated[str | None, typer.Option(help="End only the sessions of this person.")] = None,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """End the page sessions of a business, or of one person, immediately."""
    with opened(business, database) as desk:
        ended = session.sign_out(desk.house, business, user, by=desk.by)
    if as_json:
        paper.data({"ended": ended})
        return
    paper.say(f"Page sessions ended: {ended}.")
