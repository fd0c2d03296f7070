"""Files are readable by their owner alone, and the log holds no value of a record."""

from __future__ import annotations

import json
import logging
import os
import stat
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from types import SimpleNamespace

import pytest
import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import text

from cleo_accounting import jobs
from cleo_accounting.cli import logs
from cleo_accounting.errors import Misconfigured, traced
from cleo_accounting.flows.admin import acts
from cleo_accounting.store import schema
from cleo_accounting.store.database import Database
from tests.world import World

SECRET = "hunter2-of-a-vendor"


def _open_to_others(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if stat.S_IMODE(one.stat().st_mode) & 0o077]


def test_files_of_the_database_are_their_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        database = Database(f"sqlite:///{tmp_path / 'cleo.sqlite'}")
        schema.upgrade(database)
        jobs._use_write_ahead_log(f"sqlite:///{tmp_path / 'cleo-engine.sqlite'}")
        engine = Database(f"sqlite:///{tmp_path / 'cleo-engine.sqlite'}")
        with engine.transaction() as tx, jobs._lock(SimpleNamespace(database=database)):
            tx.execute(text("create table x (y)"))
            assert len(list(tmp_path.iterdir())) >= 5
            assert _open_to_others(tmp_path) == []
        database.close()
        engine.close()
    finally:
        os.umask(old)


def test_a_database_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "cleo.sqlite"
    with closing(connect(path)) as connection:
        connection.execute("create table x (y)")
    path.chmod(0o644)

    Database(f"sqlite:///{path}").close()

    assert _open_to_others(tmp_path) == []


def test_the_heads_of_chains_are_their_owners_alone(here: World, tmp_path: Path) -> None:
    acts.keep(tmp_path / "heads", acts.heads(here.house))

    assert _open_to_others(tmp_path) == []


class _Body(BaseModel):
    amount: int


def _fails() -> None:
    try:
        _Body.model_validate({"amount": SECRET})
    except ValidationError as error:
        raise RuntimeError(SECRET) from error


def test_a_traceback_in_the_log_holds_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    logs.configure("INFO")
    try:
        _fails()
    except RuntimeError:
        structlog.get_logger().exception("went_wrong")
    finally:
        structlog.configure(**before)

    line = capsys.readouterr().err
    told = json.loads(line)["exception"]
    assert SECRET not in line
    assert "ValidationError" in told
    assert "RuntimeError" in told
    assert "in _fails" in told


def test_what_the_server_logs_of_half_an_answer_holds_no_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, server = structlog.get_config(), logging.getLogger("a server")
    logs.configure("INFO")
    logs.adopt("a server")
    try:
        _fails()
    except RuntimeError as error:
        server.error("Exception in %s\n", SECRET, exc_info=error)
    finally:
        structlog.configure(**before)

    line = capsys.readouterr().err
    assert SECRET not in line
    assert json.loads(line)["event"] == "Exception in %s"
    assert "ValidationError" in json.loads(line)["exception"]


def test_what_we_say_ourselves_stays_in_the_log() -> None:
    assert traced(Misconfigured("CLEO_X must be set")).endswith("Misconfigured: CLEO_X must be set")
