"""Every capability is available in the API, on the command line and on the page.

Every operation, command and button is listed in the table, so that a new one must be listed with
its counterparts, or as having none.
"""

from __future__ import annotations

from typing import Any

import pytest
from typer.main import get_command

from cleo_accounting import cli
from cleo_accounting.web.pages.every import ROUTERS
from cleo_accounting.web.pages.guard import PLACE
from tests.service import guarded_paths

NONE = "–"

# For each capability: operations of the API, commands, and addresses of the page (those with * are
# buttons), separated by spaces.
CAPABILITIES: dict[str, tuple[str, str, str]] = {
    "connect": (
        "start_connecting finish_connecting",
        "connect",
        "*/connect /connect/onward /connect/finish */connect/finish */connect/decline",
    ),
    "see the connection": ("connection_status list_integrations", "status", "/settings"),
    "confirm the company": ("confirm", "confirm", "*/confirm"),
    "disconnect": ("disconnect", "disconnect", "*/disconnect /disconnect"),
    "let a person in": ("invite", "page", "*/leave"),
    "sign people out": ("end_sessions", "sign-out", "*/sign-out"),
    "sync": ("sync_everything sync_entity_type sync_status", "sync status", "*/sync /"),
    "preview": ("sync_everything", "preview", "*/preview /preview"),
    "follow a run": ("follow_run get_run", "status", "/events"),
    "runs": ("list_runs", "runs", "/activity/runs"),
    "items of a run": ("list_items", "items", "/activity/runs/{runId}"),
    "items as a sheet": ("list_items", "items --json", "/preview.csv"),
    "against the preview": ("against_preview", "status", "/activity/runs/{runId}"),
    "cancel": ("cancel_run", "cancel", "*/cancel"),
    "retry": ("retry_run retry_item", "retry", "*/issues/retry"),
    "pause": ("pause", "pause", "*/pause"),
    "resume": ("resume", "resume", "*/resume"),
    "usage": ("usage", "usage", "/settings"),
    "issues": ("list_issues", "issues", "/issues"),
    "activity": ("list_activity", "activity", "/activity"),
    "activity as a sheet": ("list_activity", "activity --csv", "/activity.csv"),
    "one record's history": ("get_timeline", "activity", "/activity/{kind}/{recordId}"),
    "where a payable stands": ("get_document", "document", "/activity/{kind}/{recordId}"),
    "weeks": ("list_weeks", "weeks", "/activity"),
    "who did what": ("list_audit", "audit verify-audit audit-heads", "/settings"),
    "lists of QuickBooks": (
        "list_vendors list_customers list_bank_accounts",
        "map theirs",
        "/mapping/{tab} /mapping",
    ),
    "refresh the lists": ("refresh", "refresh", "*/refresh"),
    "suggestions": (
        "suggest_vendors suggest_customers suggest_bank_accounts",
        "map list",
        "/mapping/{tab}/{recordId}",
    ),
    "mappings": (
        "list_vendor_mappings list_customer_mappings list_bank_account_mappings",
        "map list",
        "/mapping/{tab}",
    ),
    "map": (
        "map_vendor map_customer map_bank_account",
        "map set",
        "*/mapping/{tab}/{recordId}/map */mapping/{tab}/accept",
    ),
    "unmap": (
        "unmap_vendor unmap_customer unmap_bank_account",
        "map remove",
        "*/mapping/{tab}/{recordId}/unmap */mapping/{tab}/undo",
    ),
    "invoice fields": (
        "invoice_fields set_invoice_fields list_options",
        "map fields",
        "/mapping/fields */mapping/fields",
    ),
    "take back the last save": (
        "revert_invoice_fields",
        "map fields --revert",
        "*/mapping/fields/revert",
    ),
    "decide": (
        "decide decide_many",
        "decide",
        "*/issues/decide */mapping/{tab}/{recordId}/decide */compare/decide",
    ),
    "decide many at once": ("decide_many", "decide --all-of", "*/issues/decide-many"),
    "take many back": ("undo_many", "decide --undo", "*/issues/decide-many/undo"),
    "take a decision back": ("decide", "decide", "*/issues/bring-back"),
    "decisions": ("list_decisions", "decisions", "/issues"),
    "reconcile": ("ask latest", "reconcile", "*/compare /compare"),
    "remove duplicates": ("remove_duplicates", "remove-duplicates", "*/compare/remove-copies"),
    "take records in": (
        "put_connection put_funding_source put_payable put_payment put_many",
        "import",
        NONE,
    ),
    "records": ("list_records get_record delete_record", "record list", NONE),
    "one record": ("get_record", "record show", NONE),
    "delete a record": ("delete_record", "record delete", NONE),
    "tokens": (
        "issue_token list_tokens revoke_token",
        "token issue token list token revoke",
        NONE,
    ),
    "erase a business that has left": (NONE, "erase", NONE),
    "release a company from a business": (NONE, "release", NONE),
    "keys that seal grants": (
        NONE,
        "keys list keys add keys promote keys reseal keys retire",
        NONE,
    ),
    "health": ("metrics", "doctor", NONE),
    "why a record waits": ("list_items", "items", "/help"),
    "start the service": (NONE, "serve work migrate demo", NONE),
}
ADDRESSES_OF_INTUIT = {"/reconnect", "/connect/failed"}  # to which a browser is redirected back


def _of(door: int) -> list[str]:
    return [part[door] for part in CAPABILITIES.values() if part[door] != NONE]


def _commands() -> dict[str, Any]:
    found: dict[str, Any] = {}
    whole: Any = get_command(cli.app)
    for name, one in whole.commands.items():
        for below, each in getattr(one, "commands", {"": one}).items():
            found[f"{name} {below}".strip()] = each
    return found


def _named_commands() -> dict[str, list[str]]:
    """Return the commands in the table, each with the options that the table names."""
    groups = {one.partition(" ")[0] for one in _commands() if " " in one}
    found: dict[str, list[str]] = {}
    for text in _of(1):
        words = text.split()
        while words:
            name = words.pop(0)
            name = f"{name} {words.pop(0)}" if name in groups else name
            options = found.setdefault(name, [])
            while words and words[0].startswith("--"):
                options.append(words.pop(0))
    return found


def _addresses() -> set[str]:
    found = set()
    for router in ROUTERS:
        for route in router.routes:
            path = getattr(route, "path", "")
            if path.startswith(PLACE):
                button = "*" if "POST" in getattr(route, "methods", ()) else ""
                found.add(button + (path.removeprefix(PLACE) or "/"))
    return found - ADDRESSES_OF_INTUIT


def test_every_operation_of_the_api_has_its_place_and_is_there() -> None:
    there = {route.name for route in guarded_paths()}

    assert {one for text in _of(0) for one in text.split()} == there


def test_every_command_has_its_place_and_is_there() -> None:
    there, named = _commands(), _named_commands()

    assert set(named) == set(there)
    for name, options in named.items():
        known = {option for one in there[name].params for option in one.opts}
        assert set(options) <= known, name


def test_every_address_and_button_of_the_page_has_its_place_and_is_there() -> None:
    assert {one for text in _of(2) for one in text.split()} == _addresses()


@pytest.mark.parametrize("what", [one for one, doors in CAPABILITIES.items() if doors[2] != NONE])
def test_what_the_page_can_do_the_api_and_the_command_line_can(what: str) -> None:
    assert NONE not in CAPABILITIES[what]


def test_what_lists_speaks_json_to_programs() -> None:
    silent = {"audit-heads", "serve", "work", "migrate", "demo", "import"}
    acts = {
        "map set",
        "map remove",
        "cancel",
        "disconnect",
        "token revoke",
        "record delete",
        "release",
    }
    acts |= {"keys add", "keys promote", "keys reseal", "keys retire"}
    prints_json = {"record show"}
    for name, one in _commands().items():
        if name in silent | acts | prints_json | {"decide"}:
            continue
        assert "--json" in {option for each in one.params for option in each.opts}, name
