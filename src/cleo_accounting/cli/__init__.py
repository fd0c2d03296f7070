"""The command line: the same operations as the API, for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import typer

from cleo_accounting.cli import (
    codes,
    connecting,
    deciding,
    keeping,
    keys,
    logs,
    looking,
    mapping,
    paper,
    reconciling,
    service,
    showing,
    steering,
    syncing,
    taking,
    telling,
    tokens,
)
from cleo_accounting.errors import AccountingError, Invalid
from cleo_accounting.store.database import AWAY

_PANELS: dict[str, dict[str, Callable[..., None]]] = {
    "Everyday": {
        "import": taking.import_,
        "connect": connecting.connect,
        "preview": syncing.preview,
        "sync": syncing.sync,
        "status": syncing.status,
        "runs": syncing.runs,
        "items": syncing.items,
        "decide": deciding.decide,
        "retry": syncing.retry,
        "cancel": syncing.cancel,
        "issues": telling.issues,
        "activity": telling.activity,
        "document": telling.document,
        "weeks": telling.weeks,
        "decisions": telling.decisions,
        "reconcile": reconciling.reconcile,
        "remove-duplicates": steering.remove_duplicates,
        "confirm": steering.confirm,
        "pause": steering.pause,
        "resume": steering.resume,
        "refresh": steering.refresh,
        "usage": steering.usage,
        "disconnect": connecting.disconnect,
        "page": looking.page,
        "sign-out": looking.sign_out,
    },
    "The service": {
        "demo": showing.demo,
        "serve": service.serve,
        "work": service.work,
        "migrate": service.migrate,
        "doctor": service.doctor,
        "erase": keeping.erase,
        "release": connecting.release,
        "audit": telling.audit,
        "verify-audit": service.verify_audit,
        "audit-heads": service.audit_heads,
    },
}
COMMANDS = tuple(name for commands in _PANELS.values() for name in commands)

app = typer.Typer(
    name="cleo-accounting",
    help="Syncs a business's Cleo Pay records to its QuickBooks Online company.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for _panel, _commands in _PANELS.items():
    for _name, _function in _commands.items():
        app.command(_name, rich_help_panel=_panel)(_function)
app.add_typer(mapping.app, name="map", rich_help_panel="Everyday")
app.add_typer(keeping.app, name="record", rich_help_panel="Everyday")
app.add_typer(keys.app, name="keys", rich_help_panel="The service")
app.add_typer(tokens.app, name="token", rich_help_panel="The service")


def main() -> None:
    """Run the command that the process was started with."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; each of our errors becomes one sentence and an exit code."""
    logs.configure(logs.QUIET)
    try:
        app(list(arguments))
    except AccountingError as error:
        _complain(error)
        return codes.of(error)
    except AWAY as trouble:
        paper.note(f"[red]✗[/] The database is away, busy or full: {paper.clean(_first(trouble))}")
        return codes.Code.UPSTREAM
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else codes.Code.OK
    return codes.Code.OK


def _first(trouble: Exception) -> str:
    return str(trouble).partition("\n")[0]


def _complain(error: AccountingError) -> None:
    paper.note(f"[red]✗[/] {paper.clean(error.message)}")
    flaws = error.flaws if isinstance(error, Invalid) else ()
    for flaw in flaws:
        if flaw.message not in error.message:
            paper.note(f"  {paper.clean(f'{flaw.field} {flaw.message}'.strip())}")
