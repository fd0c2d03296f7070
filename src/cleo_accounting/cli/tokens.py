"""`token`: issue API tokens, each shown once, list them, and revoke them."""

from __future__ import annotations

from typing import Annotated

import typer

from cleo_accounting.cli import paper
from cleo_accounting.cli.desk import (
    BUSINESS_VARIABLE,
    AsJson,
    DatabaseUrl,
    DryRun,
    Limit,
    Offset,
    Yes,
    opened,
)
from cleo_accounting.flows.admin import access
from cleo_accounting.store.access import Rank

app = typer.Typer(no_args_is_help=True, help="Issue and revoke API tokens.")

MaybeBusiness = Annotated[
    str | None,
    typer.Option(
        "--business",
        "-b",
        envvar=BUSINESS_VARIABLE,
        help="The business of the token; not for the role platform.",
    ),
]
Days = Annotated[
    int | None,
    typer.Option(
        min=1, max=access.DAYS_MAX, help="Days until the token expires. Default: CLEO_TOKEN_DAYS."
    ),
]


@app.command("issue")
def issue(
    *,
    role: Annotated[Rank, typer.Option(help="The role of the token.")],
    name: Annotated[str, typer.Option(help="A name that says what the token is for.")],
    business: MaybeBusiness = None,
    days: Days = None,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Issue a token and print it. It cannot be shown again."""
    of = None if role is Rank.PLATFORM else business
    with opened(of or "", database) as desk:
        token, secret = access.issue(
            desk.house, business_id=of, rank=role, name=name, by=desk.by, days=days
        )
    if as_json:
        until = token.expires_at
        shown = {"id": token.id, "businessId": of, "role": role, "expiresAt": until}
        paper.data({**shown, "token": secret})
        return
    paper.note(
        f"Store it safely: it is shown only once. It expires on {token.expires_at:%Y-%m-%d}."
    )
    typer.echo(secret)


@app.command("list")
def list_(
    *,
    limit: Limit = 50,
    offset: Offset = 0,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """List tokens, without their secrets."""
    with opened("", database) as desk:
        soon = access.ending(desk.house)
        found, total = access.page(desk.house, limit=limit, offset=offset)
    if as_json:
        paper.data({"items": found, "total": total})
        return
    rows = [
        (
            one.id,
            one.business_id or "every",
            one.rank,
            one.name,
            paper.moment(one.created_at),
            paper.moment(one.expires_at),
            paper.moment(one.revoked_at),
        )
        for one in found
    ]
    for one in soon:
        paper.note(f"{one.id} “{paper.clean(one.name)}” ends on {one.expires_at:%Y-%m-%d}.")
    paper.table("", ["token", "business", "role", "name", "made", "good until", "revoked"], rows)


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="The id of the token: tok_…", show_default=False)],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    database: DatabaseUrl = None,
) -> None:
    """Revoke a token immediately."""
    paper.note(f"Requests with {paper.clean(token)} will be refused.")
    if dry_run:
        return
    if not yes:
        typer.confirm(f"Revoke {token}?", abort=True, err=True)
    with opened("", database) as desk:
        access.revoke(desk.house, token, by=desk.by)
    paper.say("Revoked.")
