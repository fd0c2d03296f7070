"""`demo`: show the whole service at work with an emulated QuickBooks, without any account."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from cleo_accounting import demo as story
from cleo_accounting.cli import paper
from cleo_accounting.cli.service import stoppable
from cleo_accounting.demo.screen import Screen


def demo(
    *,
    exit_: Annotated[
        bool,
        typer.Option("--exit", help="Exit after the demo instead of keeping the service running."),
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same demo.")] = 42,
) -> None:
    """Run a demo against an emulated QuickBooks. No account is needed."""
    with stoppable():
        story.run(
            Screen(paper.out()),
            seed=seed,
            today=datetime.now(UTC).date(),
            client_secret=secrets.token_hex(20),
            encryption_key=base64.b64encode(secrets.token_bytes(32)).decode(),
            audit_key=base64.b64encode(secrets.token_bytes(32)).decode(),
            stay=not exit_,
        )
