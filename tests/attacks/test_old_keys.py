"""Grants are re-encrypted under a new key by themselves, until the old key can be removed."""

from __future__ import annotations

import base64
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cleo_accounting import cli
from cleo_accounting.errors import Conflict
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import health, keys
from cleo_accounting.flows.admin.examine import examine
from cleo_accounting.flows.company.books import Keeper
from cleo_accounting.flows.work import errands
from cleo_accounting.store import audit
from cleo_accounting.store.database import Database
from cleo_accounting.store.vault import Vault
from tests.world import KEY, World

NEW = base64.b64encode(bytes(range(32, 64))).decode()
STRANGE = base64.b64encode(bytes(range(64, 96))).decode()


def _under(here: World, *texts: str) -> House:
    return replace(here.house, vault=Vault(texts, here.house.random))


def _passes(house: House) -> bool:
    return {one.name: one.passed for one in examine(house)}["encryption keys"]


def test_a_worker_brings_idle_grants_under_the_new_key(here: World) -> None:
    rotating = _under(here, NEW, KEY)
    new, old = rotating.vault.ids
    assert [(one.id, one.grants) for one in keys.listed(rotating)] == [(new, 0), (old, 1)]

    keys.ask_to_reseal(rotating)
    errands.run_due(rotating)

    assert [(one.id, one.grants) for one in keys.listed(rotating)] == [(new, 1), (old, 0)]
    alone = _under(here, NEW)
    assert Keeper(alone, here.integration_id).current().access_token
    with here.house.database.reading() as tx:
        (act,) = audit.about(tx, here.business_id, here.integration_id, what="grant_resealed")
    assert act.by == "worker"


def test_a_grant_that_does_not_open_is_not_tried_for_ever(here: World) -> None:
    lost = _under(here, NEW)

    for _ in range(5):
        keys.ask_to_reseal(lost)
        errands.run_due(lost)

    with here.house.database.reading() as tx:
        count = tx.exec_driver_sql("select count(*) from errands where verb = 'reseal'").scalar()
    assert count == 1


def test_the_doctor_fails_while_an_old_key_is_needed_or_set(here: World) -> None:
    assert _passes(here.house)
    rotating = _under(here, NEW, KEY)
    assert not _passes(rotating)
    keys.reseal(rotating, by="cli")
    assert not _passes(rotating)
    assert _passes(_under(here, NEW))


def test_a_key_that_is_needed_is_not_retired(here: World) -> None:
    rotating = _under(here, NEW, KEY)
    new, old = rotating.vault.ids

    for key in (new, old):
        with pytest.raises(Conflict):
            keys.retire(rotating, key, by="cli")

    keys.reseal(rotating, by="cli")
    keys.retire(rotating, old, by="cli")
    with here.house.database.reading() as tx:
        assert audit.about(tx, audit.PLATFORM, old, what="key_retired")


def test_readiness_says_when_no_stored_grant_opens(here: World) -> None:
    assert not health.problems(here.house)
    assert not health.problems(_under(here, STRANGE, KEY))

    assert health.problems(_under(here, STRANGE)) == [
        "no stored grant opens under CLEO_ENCRYPTION_KEYS"
    ]


@pytest.fixture
def key_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with its keys in a file and a database of its own; returns the file."""
    for name in [name for name in os.environ if name.startswith("CLEO_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "keys"
    file.write_text(KEY)
    monkeypatch.setenv("CLEO_QUICKBOOKS_CLIENT_ID", "id")
    monkeypatch.setenv("CLEO_AUDIT_KEYS", KEY)
    monkeypatch.setenv("CLEO_QUICKBOOKS_CLIENT_SECRET", "secret")
    monkeypatch.setenv("CLEO_ENCRYPTION_KEYS_FILE", str(file))
    monkeypatch.setenv("CLEO_DATABASE_URL", f"sqlite:///{tmp_path / 'cleo.sqlite'}")
    return file


def test_a_rotation_from_beginning_to_end(
    key_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["keys", "add", "--standby"]) == 0
    old, new = key_file.read_text().strip().split(",")
    assert (old, stat.S_IMODE(key_file.stat().st_mode)) == (KEY, 0o600)
    old_id, new_id = Vault([old, new], os.urandom).ids

    assert cli.run(["keys", "retire", old_id, "--yes"]) == cli.codes.Code.USAGE
    assert cli.run(["keys", "promote", new_id]) == 0
    assert key_file.read_text() == f"{new},{old}\n"
    assert cli.run(["keys", "reseal"]) == 0
    assert cli.run(["keys", "retire", old_id, "--yes"]) == 0
    assert key_file.read_text() == f"{new}\n"

    assert cli.run(["keys", "list"]) == 0
    told = capsys.readouterr()
    assert new_id in told.out
    assert not [one for one in (old, new) if one in told.out + told.err]
    database = Database(os.environ["CLEO_DATABASE_URL"])
    with database.reading() as tx:
        acts, _ = audit.page(tx, audit.PLATFORM, limit=10, offset=0)
    database.close()
    assert [(one.what, one.subject) for one in reversed(acts)] == [
        ("key_added", new_id),
        ("key_promoted", new_id),
        ("key_retired", old_id),
    ]
