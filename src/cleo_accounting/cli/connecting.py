"""`connect`, `disconnect`, `release`: connect a business to its company's books, and disconnect it.

The person who opens the link of `connect` must confirm the company on the page, in the same
browser; so `connect` prints a link to the page as soon as a company was chosen.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cleo_accounting.cli import paper
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import AsJson, Business, DatabaseUrl, Desk, DryRun, Yes, opened
from cleo_accounting.errors import Conflict, Missing
from cleo_accounting.flows.admin import session
from cleo_accounting.flows.company import connect as connecting
from cleo_accounting.flows.company import offer
from cleo_accounting.flows.company import release as releasing
from cleo_accounting.store.access import Rank
from cleo_accounting.store.integrations import Integration, Status

_POLL_SECONDS = 1.0

Switch = Annotated[
    bool,
    typer.Option("--switch-company", help="Allow connecting a different company than before."),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Print the link and exit.")]


def connect(
    *,
    business: Business,
    switch_company: Switch = False,
    no_wait: NoWait = False,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print a link for connecting QuickBooks, and wait until the company is connected."""
    with opened(business, database) as desk:
        begun = connecting.begin(
            desk.house,
            business,
            desk.by,
            desk.house.doorway_url,
            switch_company=switch_company,
        )
        if as_json:
            url = begun.authorization_url
            paper.data({"authorizationUrl": url, "authUrl": url, "expiresAt": begun.expires_at})
        else:
            paper.note("Open this link in a browser, as an administrator of the company:")
            typer.echo(begun.authorization_url)
        if no_wait and not as_json:
            paper.note(
                "[dim]Then, in the same browser, open the link of “cleo-accounting page” and say"
                " there that it is the right company.[/]"
            )
        if no_wait or as_json:
            return
        paper.note(
            f"[dim]Waiting until {paper.moment(begun.expires_at)}. The service has to be running"
            " to take the answer (cleo-accounting serve). Ctrl-C ends the waiting only.[/]"
        )
        found = _wait(desk, before=_current(desk))
        if found is None:
            raise Conflict(
                "QuickBooks was not connected in time. Run “cleo-accounting connect” again."
            )
        paper.say(f"[green]Connected[/] to [bold]{paper.clean(found.company_name)}[/].")


def disconnect(
    *,
    business: Business,
    yes: Yes = False,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
) -> None:
    """Disconnect the company. Records already sent stay in QuickBooks; nothing more is sent."""
    with opened(business, database) as desk:
        integration = _current(desk)
        if integration is None or not integration.live:
            raise Missing(f"{business} is not connected: there is nothing to disconnect.")
        name = paper.clean(integration.company_name)
        paper.note(
            f"{name}: nothing more is sent, records already sent stay, and our access is revoked."
        )
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Disconnect {integration.company_name}?", abort=True, err=True)
        connecting.disconnect(desk.house, business, desk.by)
        paper.say(f"Disconnected from [bold]{name}[/].")


def release(
    *,
    company_id: Annotated[
        str, typer.Argument(help="The company's id in QuickBooks (realmId).", show_default=False)
    ],
    yes: Yes = False,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
) -> None:
    """Release a company from its business, so that another business can connect it."""
    with opened("", database) as desk:
        held = releasing.holder(desk.house, company_id)
        name, business = paper.clean(held.company_name), paper.clean(held.business_id)
        paper.note(
            f"{name} is held by {business} ({held.status}). Its runs end, nothing more is sent for"
            f" it, its sign-ins are void, and the grant is given back. {business} reads that the"
            " operator released the company."
        )
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Release {name} from {business}?", abort=True, err=True)
        releasing.release(desk.house, held, by=desk.by)
        paper.say(f"Released [bold]{name}[/] from {business}.")


def _current(desk: Desk) -> Integration | None:
    return connecting.latest(desk.house, desk.business_id)


def _wait(desk: Desk, before: Integration | None) -> Integration | None:
    """Wait for a connection newer than the previous one, for as long as the link works."""
    clock = desk.house.clock
    ends = clock.now() + connecting.STATE_LIFE + offer.LIFE
    link_ends = clock.now()
    while clock.now() < ends:
        found = _current(desk)
        newer = before is None or (found and found.connected_at > before.connected_at)
        if found and newer and found.status is Status.CONNECTED:
            return found
        if clock.now() >= link_ends and offer.waits(desk.house, desk.business_id, desk.by):
            made = session.invite(
                desk.house, desk.business_id, user_id=desk.by, role=Rank.ADMIN, by=desk.by
            )
            link_ends = made.expires_at
            paper.note("A company was chosen. Open this in the same browser within a minute:")
            typer.echo(made.url)
        clock.sleep(_POLL_SECONDS)
    return None


def needs_reconnect(integration: Integration) -> Code:
    """Return the exit code that tells whether a person has to connect again."""
    return Code.OK if integration.status is Status.CONNECTED else Code.RECONNECT
