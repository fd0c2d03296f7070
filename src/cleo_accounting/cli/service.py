"""`serve`, `work`, `migrate`, `doctor`, `verify-audit`: run the service, and maintain it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cleo_accounting import bootstrap, jobs
from cleo_accounting.cli import logs, memory, paper, turns
from cleo_accounting.cli.codes import Code
from cleo_accounting.cli.desk import (
    BUSINESS_VARIABLE,
    AsJson,
    DatabaseUrl,
    DryRun,
    bring_up_to_date,
    engine,
    migrated,
    read_settings,
    terminable,
)
from cleo_accounting.errors import Misconfigured
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import acts
from cleo_accounting.flows.admin.examine import Check, examine
from cleo_accounting.settings import Settings
from cleo_accounting.store import roles, schema

log = structlog.get_logger(__name__)

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_FREE_BYTES_MIN = 500_000_000

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[
    int, typer.Option(min=0, max=65535, help="The port to listen on; 0 picks a free one.")
]
NoWorker = Annotated[
    bool, typer.Option("--no-worker", help="Only serve requests; workers run separately.")
]
HeadsFile = Annotated[
    Path | None,
    typer.Option("--heads", help="The file of stored heads, instead of CLEO_AUDIT_HEADS_PATH."),
]
OneBusiness = Annotated[
    str | None,
    typer.Option("--business", "-b", envvar=BUSINESS_VARIABLE, help="Verify only this business."),
]


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    no_worker: NoWorker = False,
    database: DatabaseUrl = None,
) -> None:
    """Serve the API and the page, and process runs in the same process."""
    import uvicorn  # noqa: PLC0415  no other command should wait for the web to be imported

    from cleo_accounting.web.app import create_app  # noqa: PLC0415  same
    from cleo_accounting.web.connections import configured  # noqa: PLC0415  same

    memory.keep_small()
    turns.take_short_turns()
    chosen = read_settings(os.environ, database)
    logs.configure(chosen.log_level)
    logs.adopt("uvicorn.error")
    with _listening(host, port) as listener:
        # Intuit accepts plain HTTP only for the name “localhost”, not for an address.
        name = "localhost" if host in _LOOPBACK else host
        url = f"http://{name}:{listener.getsockname()[1]}"
        if not {"CLEO_PUBLIC_URL", "CLEO_PUBLIC_URL_FILE"} & os.environ.keys():
            if host not in _LOOPBACK:
                raise Misconfigured(
                    "CLEO_PUBLIC_URL must be set to the https:// address of the service, because"
                    f" {host} is more than this machine"
                )
            chosen = chosen.model_copy(update={"public_url": url})
        with _house(chosen) as house:
            config = configured(create_app(house), chosen.limit.connections, chosen.proxies)
            at_work = nullcontext() if no_worker else jobs.working(house, engine(chosen))
            _tell_of_the_wall(house)
            memory.settle()
            with stoppable(), at_work:
                typer.echo(f"Cleo Pay Accounting at {url}")
                uvicorn.Server(config).run(sockets=[listener])


def work(*, database: DatabaseUrl = None) -> None:
    """Process runs until stopped. On PostgreSQL, any number of workers can run."""
    memory.keep_small()
    turns.take_short_turns()
    chosen = read_settings(os.environ, database)
    logs.configure(chosen.log_level)
    with _house(chosen) as house, stoppable(), jobs.working(house, engine(chosen)):
        _tell_of_the_wall(house)
        memory.settle()
        typer.echo("Working. Press Ctrl-C to stop; unfinished runs continue at the next start.")
        threading.Event().wait()


def migrate(
    *,
    dry_run: DryRun = False,
    service_role: Annotated[
        str, typer.Option(help="Grant this PostgreSQL role the rights of the service.")
    ] = "",
    audit_role: Annotated[
        str, typer.Option(help="Grant this PostgreSQL role the right to read the audit log.")
    ] = "",
    database: DatabaseUrl = None,
) -> None:
    """Migrate the database to this version, and grant rights to roles of PostgreSQL."""
    house = bootstrap.build(read_settings(os.environ, database))
    try:
        if schema.is_current(house.database):
            paper.say("The database is up to date.")
        elif dry_run:
            paper.say("The database would be migrated to this version.")
        else:
            migrated(house)
            paper.say("[green]Migrated.[/]")
        if (service_role or audit_role) and not dry_run:
            roles.grant(house.database, service=service_role, auditor=audit_role)
            paper.say("Rights granted.")
    finally:
        house.close()


def doctor(*, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Check settings, database, keys and connections, and print PASS or FAIL for each."""
    chosen = read_settings(os.environ, database)
    house = bootstrap.build(chosen)
    try:
        checks = [_worker(house), _disk(house), *examine(house)]
    finally:
        house.close()
    if as_json:
        paper.data(checks)
    else:
        for check in checks:
            mark = "[green]PASS[/]" if check.passed else "[red]FAIL[/]"
            paper.say(f"{mark}  {check.name}: {paper.clean(check.said)}")
    if not all(check.passed for check in checks):
        raise typer.Exit(Code.PARTIAL)


def verify_audit(
    *,
    business: OneBusiness = None,
    heads: HeadsFile = None,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Verify that no entry of the audit log was changed or removed."""
    with _house(read_settings(os.environ, database)) as house:
        verdicts = acts.verify(house, business, heads)
        compared = heads is not None or (house.heads_path is not None and house.heads_path.exists())
    if as_json:
        paper.data(
            {
                name: {"entries": one.entries, "brokenAt": one.broken_at, "trouble": one.trouble}
                for name, one in verdicts.items()
            }
        )
    else:
        for name, one in verdicts.items():
            told = f"[red]BROKEN at entry {one.broken_at}[/]: {one.trouble}"
            if one.sound:
                told = f"[green]sound[/], {one.entries} entries"
            paper.say(f"{paper.clean(name)}: {told}")
    if not compared:
        paper.note(
            "Not compared with heads kept elsewhere, so a chain that was cut short is not seen: see"
            " CLEO_AUDIT_HEADS_PATH and “cleo-accounting audit-heads”."
        )
    if not all(one.sound for one in verdicts.values()):
        raise typer.Exit(Code.PARTIAL)


def audit_heads(*, database: DatabaseUrl = None) -> None:
    """Print the signed head of every audit log, one per line, to be stored elsewhere."""
    with _house(read_settings(os.environ, database)) as house:
        for one in acts.heads(house):
            typer.echo(acts.line(one))


def _tell_of_the_wall(house: House) -> None:
    """Warn at every start if the database role bypasses row-level security or can alter acts."""
    if found := roles.trouble(house.database):
        log.warning("no_second_wall", why=found)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let a termination signal end the process like Ctrl-C: in order, with a message."""
    try:
        with terminable():
            yield
    except KeyboardInterrupt:
        paper.note("Stopped.")


@contextmanager
def _house(chosen: Settings) -> Iterator[House]:
    house = bootstrap.build(chosen)
    try:
        bring_up_to_date(house)
        yield house
    finally:
        house.close()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen before the address is printed, so that it can be called at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as refusal:
            raise Misconfigured(f"Cannot listen on {host}:{port}: {refusal.strerror}.") from None
        listener.listen(2048)
        yield listener


def _disk(house: House) -> Check:
    database = house.database.engine.url.database
    folder = Path(database).resolve().parent if house.database.is_file and database else Path.cwd()
    free = shutil.disk_usage(folder).free
    return Check("disk", free >= _FREE_BYTES_MIN, f"{free / 1e9:.1f} GB free")


def _worker(house: House) -> Check:
    if not schema.is_current(house.database):
        return Check("worker", passed=False, said="cannot be checked until the tables exist")
    at_work = jobs.is_working(house)
    said = "at work" if at_work else "none: start “cleo-accounting serve” or “work”"
    return Check("worker", at_work, said)
