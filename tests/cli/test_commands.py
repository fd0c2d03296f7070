"""The command line: exit codes, stdout and stderr, hidden secrets, and confirmations."""

from __future__ import annotations

import io
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cleo_accounting import cli
from cleo_accounting.flows.company import offer
from quickbooks_emulator.testing import CLIENT_SECRET
from tests.cli.terminal import BUSINESS, PUBLIC_URL, Terminal
from tests.world import KEY


def test_a_misspelt_command_ends_with_the_usage_code(terminal: Terminal) -> None:
    said = terminal.run("snyc")

    assert said.code == 2
    assert "snyc" in said.err


def test_runs_of_a_state_that_no_run_can_have_are_refused_with_those_there_are(
    terminal: Terminal,
) -> None:
    said = terminal.run("runs", "--state", "finished")

    assert said.code == 2
    assert "finished" in said.err
    assert "succeeded" in said.err


def test_a_missing_business_is_a_matter_of_usage(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLEO_BUSINESS")

    assert terminal.run("sync").code == 2


def test_a_setting_that_is_not_one_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEO_DATABSE_URL", "secret")

    said = terminal.run("status")

    assert said.code == 2
    assert "CLEO_DATABSE_URL" in said.err
    assert "secret" not in said.err


@pytest.mark.parametrize("command", ["sync", "preview", "reconcile", "status", "items", "cancel"])
def test_what_needs_a_connection_says_how_to_connect(terminal: Terminal, command: str) -> None:
    said = terminal.run(command)

    assert said.code == 2
    assert "cleo-accounting connect" in said.err
    assert said.out == ""


def test_intuit_out_of_reach_is_an_upstream_failure(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "CLEO_QUICKBOOKS_DISCOVERY_URL",
        "http://127.0.0.1:1/.well-known/openid_sandbox_configuration",
    )

    said = terminal.run("connect", "--no-wait")

    assert said.code == 5
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "url", ["postgresql://someone:hush@127.0.0.1:1/books", "sqlite:////nowhere/at/all.sqlite"]
)
@pytest.mark.parametrize("command", ["status", "migrate", "doctor"])
def test_a_database_that_does_not_open_is_said_plainly(
    terminal: Terminal, url: str, command: str
) -> None:
    said = terminal.run(command, "--database", url)

    assert said.code == 2
    assert "CLEO_DATABASE_URL" in said.err
    assert "hush" not in said.err


def test_a_token_is_shown_once_and_works_until_it_is_revoked(terminal: Terminal) -> None:
    issued = terminal.good("token", "issue", "--role", "viewer", "--name", "reports", "--json").json

    listed = terminal.good("token", "list", "--json")
    assert [one["id"] for one in listed.json["items"]] == [issued["id"]]
    assert issued["token"] not in listed.out
    assert issued["token"] not in terminal.good("token", "list").out
    terminal.good("token", "revoke", issued["id"], "--dry-run")
    terminal.good("token", "revoke", issued["id"], "--yes")
    assert terminal.run("token", "revoke", issued["id"], "--yes").code == 2


def test_a_platform_token_belongs_to_no_business(terminal: Terminal) -> None:
    said = terminal.good("token", "issue", "--role", "platform", "--name", "cleo", "--json")

    assert said.json["businessId"] is None


def test_the_doctor_names_what_is_missing(terminal: Terminal) -> None:
    terminal.good("migrate")

    said = terminal.run("doctor", "--json")

    checks = {one["name"]: one["passed"] for one in said.json}
    assert said.code == 4
    assert [name for name, passed in checks.items() if not passed] == ["worker"]
    assert "FAIL  worker" in terminal.run("doctor").out


def test_the_doctor_can_be_asked_before_there_are_tables(terminal: Terminal) -> None:
    said = terminal.run("doctor")

    assert said.code == 4
    assert "run “cleo-accounting migrate”" in said.out


def test_the_doctor_sees_that_the_key_is_lost(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.connect()
    monkeypatch.setenv("CLEO_ENCRYPTION_KEYS", KEY.replace("A", "B"))

    said = terminal.run("doctor", "--json")

    assert "encryption keys" in [one["name"] for one in said.json if not one["passed"]]


def test_the_chain_of_acts_is_checked(terminal: Terminal) -> None:
    terminal.connect()

    told = terminal.good("verify-audit", "--json").json

    assert told["biz_one"]["entries"] >= 2
    assert told["biz_one"]["brokenAt"] is None
    assert "sound" in terminal.good("verify-audit").out


def test_migrating_is_said_and_done_once(terminal: Terminal) -> None:
    assert "would be migrated" in terminal.good("migrate", "--dry-run").out
    assert "Migrated" in terminal.good("migrate").out
    assert "up to date" in terminal.good("migrate").out


def test_a_destructive_verb_asks_and_takes_no_for_an_answer(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.connect()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    said = terminal.run("disconnect")

    assert said.code != 0
    assert "connected" in terminal.good("status").out


def test_the_operator_reads_who_holds_a_company_before_releasing_it(terminal: Terminal) -> None:
    terminal.connect()
    company = terminal.intuit.realm_id

    foreseen = terminal.good("release", company, "--dry-run")
    done = terminal.good("release", company, "--yes")

    assert "biz_one (connected)" in foreseen.err
    assert "Released" in done.out
    assert terminal.run("release", company, "--yes").code == 2
    assert "released" in terminal.run("status", "--json").out + terminal.run("audit").out


def test_no_command_shows_a_secret(terminal: Terminal) -> None:
    terminal.connect()
    words = ["status", "runs", "doctor", "verify-audit", "map list vendor", "token list"]

    everything = "".join(
        said.out + said.err for said in (terminal.run(*word.split()) for word in words)
    )

    assert CLIENT_SECRET not in everything
    assert KEY not in everything


def test_without_colour_no_escape_is_written(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[3" not in terminal.run("doctor").out


def test_names_cannot_steer_the_terminal(terminal: Terminal) -> None:
    terminal.connect()
    evil = "\x1b[2J[red]Evil[/red]\x9b31m"
    record = {"type": "connection", "id": "conn_1", "connectedBusinessName": evil}
    terminal.good("import", terminal.file("records.jsonl", json.dumps(record)))

    said = terminal.good("map", "list", "vendor", "--unmapped")

    assert "\x1b[2J" not in said.out
    assert "\x9b" not in said.out
    assert "[red]Evil[/red]" in said.out


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in [*cli.COMMANDS, "map", "token"]:
        assert cli.run([name, "--help"]) == 0
        assert "Usage" in capsys.readouterr().out


def test_connect_leads_to_the_page_once_a_company_was_chosen(terminal: Terminal) -> None:
    """The person who consents confirms the company on the page, in the same browser."""
    with terminal.house() as house, ThreadPoolExecutor(1) as browser:
        secret = terminal.choose_company(house)

        def accept_once_let_in() -> None:
            let_in = False
            while not let_in:
                time.sleep(0.05)
                with house.database.reading() as tx:
                    let_in = bool(tx.exec_driver_sql("select 1 from sessions").first())
            offer.accept(house, secret, BUSINESS, "user:jane@harbor.example")

        pressed = browser.submit(accept_once_let_in)
        said = terminal.good("connect")
        pressed.result()

    assert f"{PUBLIC_URL}/enter?link=" in said.out
    assert "Connected to" in said.out
