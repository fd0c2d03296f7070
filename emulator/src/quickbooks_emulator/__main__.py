"""`quickbooks-emulator`: serve an emulated QuickBooks and Intuit's OAuth on this machine."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from quickbooks_emulator.accounting.throttle import UNLIMITED
from quickbooks_emulator.basics.clock import Clock, SystemClock, VirtualClock
from quickbooks_emulator.world.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Sequence

REDIRECT_URI = "http://localhost:8000/callback"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted, or replay a journal; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.rerun:
        return _rerun(options.rerun, options.state)
    from quickbooks_emulator.doors.app import Server  # noqa: PLC0415  slow, and --help does not need it

    emulator = _emulator(options)
    server = Server(emulator, options.host, options.port)
    with suppress(KeyboardInterrupt):
        # SIGTERM is handled like Ctrl-C: the state is saved in either case.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        sys.stdout.write(_facts(emulator, server.url))
        sys.stdout.flush()
        server.run()
    if options.state:
        fresh = options.state.with_name(options.state.name + ".new")
        fresh.write_bytes(emulator.save())
        fresh.replace(options.state)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("quickbooks-emulator", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    add("--port", type=int, default=9000, help="0 finds a free one (default: %(default)s)")
    add("--seed", type=int, default=42, help="equal seeds give equal runs (default: %(default)s)")
    add("--company", action="append", metavar="NAME", help="a company; may be repeated")
    add("--empty", action="store_true", help="no vendors, customers and items to begin with")
    add("--client-id", default="", help="the app's client id (default: drawn)")
    add("--client-secret", default="", help="the app's client secret (default: drawn)")
    add("--redirect-uri", action="append", help=f"may be repeated (default: {REDIRECT_URI})")
    add("--base-url", help="the URL clients use, when it is not the one listened on")
    add("--unlimited", action="store_true", help="no throttling")
    add("--virtual-time", metavar="MOMENT", help="stand still at this ISO moment until steered")
    add("--journal", type=Path, metavar="FILE", help="keep every request and effect (JSON lines)")
    add(
        "--state",
        type=Path,
        metavar="FILE",
        help="load from it when it exists, save at the end; with --rerun: what was loaded",
    )
    add(
        "--rerun",
        type=Path,
        metavar="FILE",
        help="replay a journal, report the responses that differ, and end",
    )
    return parser


def _rerun(journal: Path, state: Path | None) -> int:
    """Replay a journal and print the differences.

    `state`: a saved state that was loaded during the run. Returns exit code 1 if a response
    differs, 2 if the journal cannot be replayed.
    """
    from quickbooks_emulator.control.rerun import Incomplete, rerun  # noqa: PLC0415  only --rerun needs it

    try:
        states = [state.read_bytes()] if state else []
        with journal.open(encoding="utf-8") as lines:
            emulator, differences = rerun(lines, states)
    except (Incomplete, OSError) as trouble:
        sys.stderr.write(f"{journal} cannot be replayed: {trouble}\n")
        return 2
    for each in differences:
        sys.stdout.write(f"{each.seq}: was {each.was['status']}, is {each.now.status}\n")
        sys.stdout.write(f"  was {each.was.get('body')}\n  is  {each.now.body.decode()}\n")
    count = len(emulator.journal.requests())
    sys.stdout.write(f"{count} requests run again, {len(differences)} answered differently\n")
    return 1 if differences else 0


def _emulator(options: argparse.Namespace) -> Emulator:
    clock: Clock = SystemClock()
    if options.virtual_time:
        clock = VirtualClock(datetime.fromisoformat(options.virtual_time).astimezone())
    journal = options.journal.open("a", encoding="utf-8") if options.journal else None
    emulator = Emulator(
        options.seed,
        clock,
        base_url=options.base_url,
        limits=UNLIMITED if options.unlimited else None,
        journal_file=journal,
    )
    if options.state and options.state.exists():
        emulator.load(options.state.read_bytes())
        return emulator
    redirect_uris = options.redirect_uri or [REDIRECT_URI]
    emulator.add_app(options.client_id, options.client_secret, redirect_uris)
    for name in options.company or ["Sandbox Company_US_1"]:
        emulator.add_company(name, seeded=not options.empty)
    return emulator


def _facts(emulator: Emulator, url: str) -> str:
    """Return the keys, companies and URLs that a client needs, for the terminal."""
    lines = [f"quickbooks-emulator at {emulator.base_url or url}  (control: {url}/_emulator/)"]
    for app in emulator.oauth.apps.values():
        lines += [f"client id      {app.client_id}", f"client secret  {app.client_secret}"]
        lines += [f"redirect URI   {uri}" for uri in app.redirect_uris]
    lines += [
        f"company        {each.realm_id}  {each.name}" for each in emulator.companies.values()
    ]
    lines.append(f"discovery      {url}/.well-known/openid_sandbox_configuration")
    lines.append(f"books          {url}/v3/company/{{realmId}}/…")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
