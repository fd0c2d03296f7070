"""`keys`: list the keys that encrypt grants, add one, re-encrypt grants of older keys, retire one.

The keys are in `CLEO_ENCRYPTION_KEYS`, which no process can change for another one. If they are in
the file that `CLEO_ENCRYPTION_KEYS_FILE` names, `add` and `retire` write it; otherwise they print
what to change.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cleo_accounting.cli import paper
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import AsJson, DatabaseUrl, Desk, DryRun, Yes, opened
from cleo_accounting.errors import Misconfigured
from cleo_accounting.flows.admin import keys
from cleo_accounting.settings import plain
from cleo_accounting.store.keyring import new_key

app = typer.Typer(no_args_is_help=True, help="Manage the keys that encrypt grants.")

_SETTING = "CLEO_ENCRYPTION_KEYS"
_ONLY_OWNER = 0o600


@app.command("list")
def list_(*, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """List key ids, and how many grants each key encrypts. The keys themselves are not shown."""
    with opened("", database) as desk:
        found = keys.listed(desk.house)
    if as_json:
        paper.data(found)
        return
    rows = [(one.id, _said(one), str(one.grants)) for one in found]
    paper.table("", ["key", "is", "grants"], rows)


@app.command("add")
def add(
    *,
    standby: Annotated[
        bool,
        typer.Option(
            "--standby",
            help="Add it last: it decrypts, but does not encrypt yet (for several processes).",
        ),
    ] = False,
    database: DatabaseUrl = None,
) -> None:
    """Add a key that encrypts grants from the next start on. Older keys still decrypt."""
    with opened("", database) as desk:
        key_id, text = new_key(desk.house.random)
        texts = plain(desk.settings.encryption_keys)
        texts = [*texts, text] if standby else [text, *texts]
        written = _write(texts)
        keys.note(desk.house, key_id, what="key_added", by=desk.by)
    if written:
        paper.say(f"Added {key_id}. Restart every process of the service.")
        return
    where = "last" if standby else "first"
    paper.note(
        f"Put this key {where} in {_SETTING}, apart by a comma, and restart every process of the"
        " service. It is shown only now."
    )
    typer.echo(text)


@app.command("promote")
def promote(
    key: Annotated[str, typer.Argument(help="The id of the key.", show_default=False)],
    *,
    database: DatabaseUrl = None,
) -> None:
    """Make a key the one that encrypts. Every process must already have the key."""
    with opened("", database) as desk:
        at = _place(desk, key)
        texts = plain(desk.settings.encryption_keys)
        written = _write([texts.pop(at), *texts])
        keys.note(desk.house, key, what="key_promoted", by=desk.by)
    paper.say(_done(f"{key} seals", at, "first", written=written))


@app.command("reseal")
def reseal(*, dry_run: DryRun = False, database: DatabaseUrl = None) -> None:
    """Re-encrypt every grant encrypted with an older key. A running worker also does this."""
    with opened("", database) as desk:
        if dry_run:
            older = sum(one.grants for one in keys.listed(desk.house) if not one.newest)
            paper.say(f"{older} grants would be encrypted again.")
            return
        done, failed = keys.reseal(desk.house, by=desk.by)
    paper.say(f"{done} grants encrypted again.")
    if failed:
        paper.note(
            f"[red]✗[/] {failed} grants cannot be decrypted: see “cleo-accounting keys list”."
        )
        raise typer.Exit(Code.PARTIAL)


@app.command("retire")
def retire(
    key: Annotated[str, typer.Argument(help="The id of the key.", show_default=False)],
    *,
    yes: Yes = False,
    database: DatabaseUrl = None,
) -> None:
    """Remove an old key. This is refused while a stored grant needs the key."""
    with opened("", database) as desk:
        at = _place(desk, key)
        if not yes:
            typer.confirm(f"Retire {key}? Backups from before need it.", abort=True, err=True)
        keys.retire(desk.house, key, by=desk.by)
        texts = [
            one for number, one in enumerate(plain(desk.settings.encryption_keys)) if number != at
        ]
        written = _write(texts)
    paper.say(_done(f"{key} is retired", at, "out", written=written))


def _said(key: keys.Key) -> str:
    if not key.present:
        return "not set"
    return "the one that seals" if key.newest else "an older one"


def _place(desk: Desk, key: str) -> int:
    """Return the position of a key in the setting.

    Raises:
        Misconfigured: the setting does not contain it.
    """
    if key not in desk.house.vault.ids:
        raise Misconfigured(f"{_SETTING} holds no such key; see “cleo-accounting keys list”")
    return desk.house.vault.ids.index(key)


def _done(what: str, at: int, where: str, *, written: bool) -> str:
    if written:
        return f"{what} from the next start on. Restart every process of the service."
    return (
        f"{what} once you take number {at + 1} of {_SETTING} {where} and restart every process of"
        " the service."
    )


def _write(texts: list[str]) -> bool:
    """Write the keys to the file that the setting names; return False if it names none.

    Raises:
        Misconfigured: the file cannot be written.
    """
    name = os.environ.get(f"{_SETTING}_FILE")
    if not name:
        return False
    path = Path(name)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_OWNER)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(",".join(texts) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)  # atomic: a half-written file would lose keys
    except OSError:
        raise Misconfigured(f"{_SETTING}_FILE names a file that cannot be written") from None
    return True
