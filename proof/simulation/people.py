"""What people do in QuickBooks during a sync: edit, delete, pay and enter documents by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from proof.simulation.records import Step
from proof.simulation.world import Tenant, World
from quickbooks_emulator.world.emulator import REFUSALS

_INACTIVE = " (deleted)"  # QuickBooks appends this to the name of an inactive entity
_LINES = {"Line", "Description"}  # changes of a document's first line
_PURCHASES, _SALES = ("Bill", "VendorCredit"), ("Invoice", "CreditMemo")
_DOCUMENTS, _PAYMENTS = (*_PURCHASES, *_SALES), ("BillPayment", "Payment", "Purchase")


def act(world: World, tenant: Tenant, step: Step) -> None:
    """Perform a person's deed in QuickBooks and note it, or its refusal, in the history."""
    facts = dict(step.get("with", {}))
    if target := step.get("on"):
        found = _found(tenant, target)
        if found is None:
            return
        facts |= {"id": found[1]} if step["deed"] == "pay" else {"kind": found[0], "id": found[1]}
        shaped = _shaped(tenant, step, found, facts)
        if shaped is None:
            return
        deed, facts = shaped
        step = {**step, "deed": deed}
    facts = _with_accounts(tenant, facts)
    whole = {"realm_id": tenant.company.realm_id, "deed": step["deed"], **facts}
    try:
        world.emulator.act("person", whole)
    except REFUSALS as refusal:
        world.history.note("person_refused", deed=step["deed"], why=type(refusal).__name__)
        return
    world.history.note(
        "person", business=tenant.business_id, deed=step["deed"], target=step.get("on"), facts=facts
    )


def _with_accounts(tenant: Tenant, facts: dict[str, Any]) -> dict[str, Any]:
    """Replace the names of accounts in a deed by their ids."""
    if facts.get("kind") == "Account" and "id" in facts:
        return {**facts, "id": tenant.accounts.get(facts["id"], facts["id"])}
    document = facts.get("document", {})
    named = document.get("IncomeAccountRef", {}).get("value")
    if named not in tenant.accounts:
        return facts
    reference = {"IncomeAccountRef": {"value": tenant.accounts[named]}}
    return {**facts, "document": {**document, **reference}}


def _shaped(
    tenant: Tenant, step: Step, found: tuple[str, str], facts: dict[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """Return the emulator's deed for a step, with its arguments; None if it cannot be done."""
    deed, changes = step["deed"], facts.get("changes", {})
    if deed == "merge":
        winner = _found(tenant, step["into"])
        if winner is None or winner == found:
            return None
        return deed, {**facts, "winner": winner[1]}
    if deed == "copy":
        document = {**_copy(tenant, found), **step.get("changes", {})}
        return "create", {"kind": found[0], "document": document}
    if deed == "code":
        coded = _coded(tenant, found, step["code"])
        return ("edit", {**facts, "changes": coded}) if coded else None
    if deed == "edit" and _LINES & set(changes):
        if _lines(tenant, found):
            facts = {**facts, "changes": _whole(tenant, found, changes)}
        else:  # it was voided and has no amount to change
            deed = ""
    return (deed, facts) if deed else None


def _whole(tenant: Tenant, found: tuple[str, str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change the amount or description of a document's first line, and keep all else."""
    lines = _lines(tenant, found)
    if "Description" in changes:
        return {"Line": [{**lines[0], "Description": changes["Description"]}, *lines[1:]]}
    first = {**lines[0], "Amount": Decimal(str(changes["Line"]))}
    detail = first.get("SalesItemLineDetail")
    if detail is not None:
        first["SalesItemLineDetail"] = {
            key: value for key, value in detail.items() if key not in ("Qty", "UnitPrice")
        }
    return {**changes, "Line": [first, *lines[1:]]}


def _copy(tenant: Tenant, found: tuple[str, str]) -> dict[str, Any]:
    """Return the document that QuickBooks makes as a copy: all but the fields of its own."""
    document = tenant.company.get(*found)
    assert document is not None
    own = ("Id", "SyncToken", "MetaData", "Balance", "LinkedTxn", "TotalAmt", "Line", "HomeBalance")
    kept = {name: value for name, value in document.items() if name not in own}
    lines = [{name: line[name] for name in line if name != "Id"} for line in _lines(tenant, found)]
    return {**kept, "Line": lines}


def _coded(tenant: Tenant, found: tuple[str, str], code: Mapping[str, Any]) -> dict[str, Any]:
    """Code a document as a bookkeeper does: set details of a line, and add a description line."""
    lines = [dict(line) for line in _lines(tenant, found)]
    if not lines:
        return {}  # it was voided
    at = code["line"] % len(lines)
    name = lines[at].get("DetailType", "")
    detail = dict(lines[at].get(name, {}))
    if code.get("customer") and name == "AccountBasedExpenseLineDetail":
        customer = next(iter(tenant.company.all("Customer")), None)
        if customer is not None:
            billable = {"BillableStatus": "Billable"}
            detail |= {"CustomerRef": {"value": customer["Id"]}, **billable}
    if code.get("account") and name == "AccountBasedExpenseLineDetail":
        detail["AccountRef"] = {"value": tenant.accounts[code["account"]]}
    if code.get("dated") and name == "SalesItemLineDetail":
        detail["ServiceDate"] = "2026-01-03"
    if name in lines[at]:
        lines[at][name] = {**detail, **code.get("detail", {})}
    if code.get("words"):
        lines.append({"DetailType": "DescriptionOnly", "Description": code["words"]})
    if lines == _lines(tenant, found) and not code.get("header"):
        return {}
    return {**code.get("header", {}), "Line": lines}


def _lines(tenant: Tenant, found: tuple[str, str]) -> list[Any]:
    document = tenant.company.get(*found)
    assert document is not None
    lines: list[Any] = document.get("Line", [])
    return [line for line in lines if line.get("DetailType") != "SubTotalLineDetail"]


def _found(tenant: Tenant, target: str) -> tuple[str, str] | None:
    """Find the target of a step in the books: the document of a payable or payment, or a name."""
    if target.startswith(("pay_", "pmt_")):
        for kind in _DOCUMENTS if target.startswith("pay_") else _PAYMENTS:
            for document in tenant.company.all(kind):
                note = document.get("PrivateNote", "")
                if f"CleoPay:{target}" in note.split():
                    return kind, document["Id"]
        return None
    kind, _, name = target.partition(":")
    for document in tenant.company.all(kind):
        called = document.get("DisplayName", "").removesuffix(_INACTIVE)
        if called.casefold() == name.casefold():
            return kind, document["Id"]
    return None


def use_credit(world: World, tenant: Tenant, step: Step) -> None:
    """Apply a credit to a document by hand, as far as both are open, with a payment of zero."""
    found = [_found(tenant, step[name]) for name in ("on", "credit")]
    if None in found:
        return
    documents = [(one[0], tenant.company.get(*one) or {}) for one in found if one]
    kinds = tuple(kind for kind, _ in documents)
    if kinds not in (_PURCHASES, _SALES):
        return
    amount = min(Decimal(str(one.get("Balance", 0))) for _, one in documents)
    if not amount:
        return
    line = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": one["Id"], "TxnType": kind}]}
        for kind, one in documents
    ]
    whole: dict[str, Any] = {"TotalAmt": 0, "TxnDate": "2026-01-21", "Line": line}
    if kinds == _PURCHASES:
        bank = {"BankAccountRef": {"value": tenant.accounts["Checking 1111"]}}
        whole |= {"VendorRef": documents[0][1]["VendorRef"], "PayType": "Check"}
        document = {"kind": "BillPayment", "document": {**whole, "CheckPayment": bank}}
    else:
        whole |= {"CustomerRef": documents[0][1]["CustomerRef"]}
        document = {"kind": "Payment", "document": whole}
    named = {name: one for name, one in step.items() if name not in ("on", "credit")}
    act(world, tenant, {**named, "deed": "create", "with": document})


def type_bill(world: World, tenant: Tenant, step: Step) -> None:
    """Enter a bill by hand that may be the same as one of ours."""
    vendor = _found(tenant, step["vendor"])
    if vendor is None:
        return
    document = {
        "VendorRef": {"value": vendor[1]},
        "DocNumber": step["number"],
        "TxnDate": step.get("day", "2026-01-05"),
        "Line": [_repairs(tenant, step["cents"])],
    }
    act(world, tenant, {**step, "deed": "create", "with": {"kind": "Bill", "document": document}})


def type_expense(world: World, tenant: Tenant, step: Step) -> None:
    """Enter a cheque by hand that may be the same as one of our payments."""
    vendor = _found(tenant, step["vendor"])
    if vendor is None:
        return
    banks = [one for one in tenant.company.all("Account") if one["AccountType"] == "Bank"]
    expense = {
        "PaymentType": "Check",
        "AccountRef": {"value": banks[0]["Id"]},
        "EntityRef": {"value": vendor[1], "type": "Vendor"},
        "TxnDate": step["day"],
        "Line": [_repairs(tenant, step["cents"])],
    }
    entered = {"kind": "Purchase", "document": expense}
    act(world, tenant, {**step, "deed": "create", "with": entered})


def _repairs(tenant: Tenant, cents: int) -> dict[str, Any]:
    """Return a line that is booked to the account for repairs."""
    return {
        "Amount": Decimal(cents).scaleb(-2),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": tenant.accounts["Repairs"]}},
    }
