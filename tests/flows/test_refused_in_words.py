"""Refusals by QuickBooks are explained in our own words: the subject, and what to do next."""

from __future__ import annotations

import pytest

from cleo_accounting.core.causes import CAUSES
from cleo_accounting.core.refusals import words_of
from cleo_accounting.core.states import Trigger
from cleo_accounting.core.telling import tell
from cleo_accounting.flows.reporting.progress import Item, items
from cleo_accounting.flows.run import sync
from tests.world import BUSINESS, World, connection, payable

# Phrases of Intuit's own messages, which must not appear in a cause or a fix.
RAW = ("element id", "Object Not Found", "Invalid Reference", "Required param", "Supplied", "Fault")


def _items(here: World, run_id: str) -> dict[str, Item]:
    found, _ = items(here.house, BUSINESS, here.integration_id, run_id, limit=100)
    return {one.record_id: one for one in found}


def _planned(here: World, *given: object) -> str:
    """Plan a run of bills without sending any; return the run's id."""
    here.feed(connection(1, "Acme"))
    here.sync()
    here.feed(*given)  # type: ignore[arg-type]
    run = sync.request(here.house, here.integration, ["invoices"], trigger=Trigger.PAGE, by="t")
    sync.advance(here.house, run.id)
    return run.id


@pytest.mark.parametrize("switch", ["610", "2500"])
def test_what_was_made_inactive_meanwhile_is_named(here: World, switch: str) -> None:
    here.intuit.emulator.act("turn", {"inactive_reference": switch})
    run_id = _planned(here, payable(1))
    account = here.integration.fields.expense_account_id
    assert account
    (name,) = [one["FullyQualifiedName"] for one in here.books("Account") if one["Id"] == account]
    here.intuit.company.update("Account", account, {"Active": False})
    here.work(run_id)

    item = _items(here, run_id)["pay_1"]

    assert item.code == "reference_refused"
    assert item.cause == (
        f"QuickBooks refused it, because the account “{name}” was made inactive there."
    )
    assert not [raw for raw in RAW if raw in f"{item.cause} {item.fix}"]


CODES = (
    "500 2010 2020 2030 2040 2050 2060 2090 2170 2210 2240 2290 2410 3000 5030 6000 6010 6070 6100"
    " 6160 6170 6180 6230 6430 6440 6480 6540 99999"
).split()


@pytest.mark.parametrize("code", [*CODES, None])
def test_every_refusal_without_a_cause_of_its_own_has_words_and_a_next_step(
    code: str | None,
) -> None:
    words = words_of(code)

    cause, fix = tell("rejected", {"what": words.what, "advice": words.advice, "said": "raw text"})

    assert "…" not in cause + fix
    assert "raw text" not in cause + fix
    assert cause.endswith(".")
    assert fix[0].isupper()
    assert not any(char.isdigit() for char in cause + fix)


def test_what_was_refused_before_there_were_words_is_still_told() -> None:
    for code in ("rejected", "reference_refused"):
        assert "…" not in " ".join(tell(code, {"said": "element id 999 not found"}))
        assert "999" not in " ".join(tell(code, {"said": "element id 999 not found"}))
        assert CAUSES[code].title


@pytest.mark.parametrize("fault", ["error_before_commit", "drop_before_commit"])
def test_a_record_on_which_quickbooks_fails_each_time_is_named_and_the_others_are_written(
    here: World, fault: str
) -> None:
    here.feed(connection(1, "Acme"))
    here.sync()
    here.feed(*[payable(n) for n in range(1, 31)])
    here.intuit.emulator.add_fault(fault, path="*/batch", body='CleoPay:pay_17"', times=None)

    told = here.sync("invoices")

    assert told.tallies["invoices"].created == 29
    assert [one.record_id for one in told.errors] == ["pay_17"]
    assert told.errors[0].code == "fails_each_time"
    assert told.errors[0].attempts <= 5
    assert len(here.ours()) == 29


def test_a_record_alone_that_gets_no_answer_is_not_blamed(here: World) -> None:
    here.feed(connection(1, "Acme"))
    here.sync()
    here.feed(payable(1))
    here.intuit.emulator.add_fault("error_before_commit", path="*/batch", times=None)

    told = here.sync("invoices")

    assert [one.code for one in told.errors] == ["unanswered"]
