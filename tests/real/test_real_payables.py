"""A city's published spending of one month arrives with every document once, to the cent."""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.processes import BUSINESS, Stage, free_port, stage
from tests.real import paying

FINISH_SECONDS_MAX = 240.0
# The figures in the description beside the file.
ROWS, DOCUMENTS, NEGATIVE, ZERO = 4_906, 4_822, 223, 11
TOTAL = Decimal("91441269.50")


@pytest.fixture(scope="module")
def file() -> Path:
    folder = os.environ.get("TEST_SHARED_DATA")
    if not folder:
        assert "TEST_REQUIRE_SHARED_DATA" not in os.environ, "TEST_SHARED_DATA is not set"
        pytest.skip("TEST_SHARED_DATA names no folder of real payables")
    return Path(folder) / "real-payables-1.csv"


def test_every_document_of_a_real_month_arrives_once_and_to_the_cent(
    file: Path, new_sqlite: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    with stage(new_sqlite(), free_port()) as on:
        on.connect()
        on.choose_expense_account()
        taken = on.command_json("import", str(file), f"--business={BUSINESS}", "--currency=USD")
        first = _sync(on)
        items = _all_items(on, first["run"]["id"])
        bills, credits_ = (_ours(on, kind) for kind in ("Bill", "VendorCredit"))
        before = on.counted("Bill"), on.counted("VendorCredit")
        second = _sync(on)
        after = on.counted("Bill"), on.counted("VendorCredit")
        reconciled = on.command("reconcile", f"--business={BUSINESS}", allowed=(0, 4))
        told = _is_paid_to_the_cent(on, bills, credits_)

    documents = _documents(file)
    assert (sum(map(len, documents.values())), len(documents)) == (ROWS, DOCUMENTS)

    assert sum(map(sum, documents.values())) == TOTAL
    assert taken["bad"] == []

    left = {one["recordId"]: one for one in items if one["needsAttention"]}
    causes = Counter(one["code"] for one in left.values())
    by_number = {one["label"]: one for one in left.values() if one["entityType"] == "invoices"}
    nothing = [key for key, lines in documents.items() if not sum(lines)]  # needs no attention
    sent = {
        key: lines
        for key, lines in documents.items()
        if key[1] not in by_number and key not in nothing
    }

    # Each document is in QuickBooks exactly once, with its lines, equal to the cent.
    found: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for sign, some in ((1, bills), (-1, credits_)):
        for one in some:
            found[_plain(one["VendorRef"]["name"]), one["DocNumber"]].append((sign, one))
    assert {key: len(ours) for key, ours in found.items()} == dict.fromkeys(sent, 1)
    for key, ((sign, one),) in found.items():
        assert sorted(sign * each for each in _amounts(one)) == sorted(sent[key]), key
        assert sign * Decimal(str(one["TotalAmt"])) == sum(sent[key]), key
    total = sum((sum(lines) for lines in sent.values()), Decimal(0))
    ours = sum(sign * Decimal(str(one["TotalAmt"])) for ((sign, one),) in found.values())
    assert ours == total

    # Each document that cannot be sent is listed with a cause and a fix; no other is missing.
    assert len(nothing) == ZERO
    negative = [key for key, lines in documents.items() if sum(lines) < 0]
    assert len(negative) == NEGATIVE
    assert len(credits_) == len([key for key in negative if key in sent])
    assert causes["name_not_allowed"] == 4  # three control characters, one colon
    assert causes["look_alike"] == 8  # the near-duplicates that real-payables-1.md lists
    assert set(causes) == {"name_not_allowed", "look_alike", "vendor_needed"}
    assert all(one["cause"] and one["fix"] for one in left.values())
    assert len(by_number) + len(found) + len(nothing) == DOCUMENTS

    # A second sync writes nothing and sends few requests.
    assert after == before
    assert second["progress"]["invoices"]["created"] == 0
    assert second["progress"]["invoices"]["unchanged"] == len(found)
    assert second["run"]["usage"]["batches"] == 0
    # We wrote all 1,367 vendors ourselves. More documents changed lately than the change log
    # returns, so their lists are read.
    assert second["run"]["usage"]["requests"] <= 14

    figures = (
        (
            f"{ROWS} rows, {DOCUMENTS} documents; {len(found)} sent, {len(credits_)} of them"
            f" credits, {total} in all"
        ),
        f"need a person: {dict(causes)}",
        f"first sync: {first['run']['usage']}; second sync: {second['run']['usage']}",
        reconciled,
        told,
    )
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(figures) + "\n")


def _ours(on: Stage, kind: str) -> list[dict[str, Any]]:
    return [one for one in on.all(kind) if "CleoPay:" in one.get("PrivateNote", "")]


def _is_paid_to_the_cent(
    on: Stage, bills: list[dict[str, Any]], credits_: list[dict[str, Any]]
) -> str:
    """Pay all bills, return some payments, compare every balance, and return the figures."""
    before, account, plan = paying.balances(on), paying.bank(on), paying.plan(bills, credits_)
    paying.feed(on, plan.payments)
    first = _sync(on)
    paying.feed(on, plan.returned)
    second = _sync(on)
    third = _sync(on)

    now = {one["Id"]: one for kind in ("Bill", "VendorCredit") for one in on.all(kind)}
    stands = {one["Id"]: Decimal(str(now[one["Id"]]["Balance"])) for one in (*bills, *credits_)}
    assert stands == plan.open
    vendors = {one["Id"]: Decimal(str(one.get("Balance", 0))) for one in on.all("Vendor")}
    owed = paying.by_vendor(bills, credits_, plan.open)
    assert {name: vendors[name] for name in owed} == owed
    live = [one for one in on.all("BillPayment") if one["Line"]]
    marks = Counter(one["PrivateNote"].rsplit("CleoPay:", 1)[-1] for one in live)
    returned = {one["id"] for one in plan.returned}
    assert marks == Counter(one["id"] for one in plan.payments if one["id"] not in returned)

    after = paying.balances(on)
    assert sum(after.values()) == 0
    assert after[account["Id"]] - before.get(account["Id"], Decimal(0)) == -plan.paid
    (payable,) = [name for name, held in after.items() if held - before.get(name, 0) == plan.paid]
    assert next(one for one in on.all("Account") if one["Id"] == payable)["AccountType"] == (
        "Accounts Payable"
    )
    assert third["run"]["usage"]["batches"] == 0
    return (
        f"{len(plan.payments)} payments over {plan.paid} of {len(bills)} bills, of which"
        f" {plan.credited} used a credit and {len(returned)} were returned; {len(vendors)} vendors;"
        f" first sync: {first['run']['usage']}; of the returns: {second['run']['usage']};"
        f" third: {third['run']['usage']}"
    )


def _documents(file: Path) -> dict[tuple[str, str], list[Decimal]]:
    """Read the file without our readers; return the amounts by vendor and number."""
    documents: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    with file.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            key = _plain(row["vendor_name"]), row["invoice_number"]
            documents[key].append(Decimal(row["amount"]))
    return documents


def _plain(name: str) -> str:
    """Normalise a vendor's name: three names differ only in case, one vendor in QuickBooks."""
    return " ".join(name.lower().split())


def _amounts(bill: dict[str, Any]) -> list[Decimal]:
    return [Decimal(str(line["Amount"])) for line in bill["Line"]]


def _sync(on: Stage) -> dict[str, Any]:
    on.ask("POST", on.one + "/sync", json={})
    return on.finish(FINISH_SECONDS_MAX)


def _all_items(on: Stage, run_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        query = {"needsAttention": "true", "limit": 100, "offset": len(found)}
        page = on.ask("GET", f"{on.one}/runs/{run_id}/items", params=query).json()
        found += page["items"]
        if len(found) >= page["total"]:
            return found
