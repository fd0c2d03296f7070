"""PyPI's `python-quickbooks`, unchanged except for host names, over HTTP with every entity.

Two things are adapted: its host names point to the emulator, and its OAuth library may use plain
HTTP (`OAUTHLIB_INSECURE_TRANSPORT`), which Intuit does not offer. The burst limit is off, because
the client does not pace itself and the tests make more than ten calls a second.
"""

from __future__ import annotations

import warnings
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from quickbooks import objects
    from quickbooks.batch import batch_create, batch_delete, batch_update
    from quickbooks.cdc import change_data_capture
    from quickbooks.exceptions import (
        ObjectNotFoundException,
        QuickbooksException,
        ValidationException,
    )
    from quickbooks.objects.detailline import (
        AccountBasedExpenseLine,
        AccountBasedExpenseLineDetail,
        ItemBasedExpenseLine,
        ItemBasedExpenseLineDetail,
        SalesItemLine,
        SalesItemLineDetail,
    )
    from quickbooks.objects.journalentry import JournalEntryLine, JournalEntryLineDetail

from quickbooks_emulator.basics.switches import Switches
from quickbooks_emulator.testing import served
from tests.emulator.connected_client import connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.testing import Intuit


@pytest.fixture(scope="module")
def intuit() -> Iterator[Intuit]:
    with served(switches=Switches(burst_limit="none"), multicurrency=False) as running:
        yield running


@pytest.fixture
def client(intuit: Intuit, monkeypatch: pytest.MonkeyPatch) -> Any:
    return connected(intuit, monkeypatch)


def bank(client: Any) -> Any:
    return objects.Account.filter(AccountType="Bank", max_results=1, qb=client)[0]


def expense(client: Any) -> Any:
    return objects.Account.filter(AccountType="Expense", max_results=1, qb=client)[0]


def bill_line(client: Any, amount: Any = 100) -> Any:
    line = AccountBasedExpenseLine()
    line.Amount = amount
    line.DetailType = "AccountBasedExpenseLineDetail"
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = expense(client).to_ref()
    line.AccountBasedExpenseLineDetail.BillableStatus = "NotBillable"
    return line


def new_bill(client: Any, amount: Any = 100) -> Any:
    bill = objects.Bill()
    bill.VendorRef = objects.Vendor.all(max_results=1, qb=client)[0].to_ref()
    bill.Line.append(bill_line(client, amount))
    return bill


def new_invoice(client: Any, amount: Any = 100) -> Any:
    invoice = objects.Invoice()
    invoice.CustomerRef = objects.Customer.all(max_results=1, qb=client)[0].to_ref()
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = objects.Item.all(max_results=1, qb=client)[0].to_ref()
    invoice.Line.append(line)
    return invoice


@pytest.mark.parametrize(
    ("kind", "name", "facts"),
    [
        (objects.Vendor, "DisplayName", {}),
        (objects.Customer, "DisplayName", {}),
        (objects.Employee, "DisplayName", {"GivenName": "Ann", "FamilyName": "Lee"}),
        (objects.Account, "Name", {"AccountType": "Expense", "AccountSubType": "Travel"}),
        (objects.Term, "Name", {"DueDays": 12}),
        (objects.Class, "Name", {}),
        (objects.Department, "Name", {}),
        (objects.PaymentMethod, "Name", {"Type": "NON_CREDIT_CARD"}),
    ],
)
def test_names_and_lists_are_created_read_changed_queried_and_deactivated(
    client: Any, kind: Any, name: str, facts: dict[str, Any]
) -> None:
    new = kind()
    for member, value in {name: f"Zeta {kind.__name__}", **facts}.items():
        setattr(new, member, value)

    made = new.save(qb=client)
    read = kind.get(made.Id, qb=client)
    setattr(read, name, f"Eta {kind.__name__}")
    changed = read.save(qb=client)
    found = kind.filter(**{name: f"Eta {kind.__name__}"}, qb=client)
    counted = kind.count(f"{name} = 'Eta {kind.__name__}'", qb=client)
    changed.Active = False
    gone = changed.save(qb=client)

    assert getattr(made, name) == f"Zeta {kind.__name__}"
    assert changed.SyncToken == "1"
    assert [each.Id for each in found] == [made.Id]
    assert counted == 1
    assert getattr(gone, name) == f"Eta {kind.__name__} (deleted)"


def test_an_item_is_created_and_found_with_its_sku(client: Any) -> None:
    income = objects.Account.filter(AccountType="Income", max_results=1, qb=client)[0]
    item = objects.Item()
    item.Name, item.Type, item.Sku = "Zeta stand", "Service", "Z-1"
    item.IncomeAccountRef = income.to_ref()

    made = item.save(qb=client)

    assert {each.Id: each.Sku for each in objects.Item.all(qb=client)}[made.Id] == "Z-1"


def test_a_bill_lives_and_dies(client: Any) -> None:
    made = new_bill(client, Decimal("100.50")).save(qb=client)
    read = objects.Bill.get(made.Id, qb=client)
    read.Line.append(bill_line(client, 9.5))
    read.PrivateNote = "two lines"

    changed = read.save(qb=client)
    removed = changed.delete(qb=client)

    assert made.TotalAmt == 100.5
    assert changed.TotalAmt == 110
    assert removed["Bill"]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException) as refused:
        objects.Bill.get(made.Id, qb=client)
    assert refused.value.error_code == 610


def test_a_sparse_update_keeps_the_rest(client: Any) -> None:
    vendor = objects.Vendor()
    vendor.DisplayName, vendor.AcctNum = "Sparse Ltd", "77"
    made = vendor.save(qb=client)
    change = objects.Vendor.from_json({"Id": made.Id, "SyncToken": "0", "sparse": True})
    change.CompanyName = "Sparse Limited"
    for name in ("DisplayName", "AcctNum", "Title", "GivenName", "FamilyName"):
        delattr(change, name)

    changed = change.save(qb=client)

    assert (changed.AcctNum, changed.CompanyName) == ("77", "Sparse Limited")


def test_items_can_be_bought(client: Any) -> None:
    item = next(each for each in objects.Item.all(qb=client) if each.ExpenseAccountRef is not None)
    bill = new_bill(client)
    line = ItemBasedExpenseLine()
    line.Amount = 25
    line.ItemBasedExpenseLineDetail = ItemBasedExpenseLineDetail()
    line.ItemBasedExpenseLineDetail.ItemRef = item.to_ref()
    bill.Line = [line]

    assert bill.save(qb=client).TotalAmt == 25


def payment_of(client: Any, bill: Any) -> Any:
    payment = objects.BillPayment()
    payment.PayType = "Check"
    payment.CheckPayment = objects.CheckPayment()
    payment.CheckPayment.BankAccountRef = bank(client).to_ref()
    payment.VendorRef = bill.VendorRef
    payment.TotalAmt = bill.TotalAmt
    line = objects.BillPaymentLine()
    line.Amount = bill.TotalAmt
    line.LinkedTxn.append(bill.to_linked_txn())
    payment.Line.append(line)
    return payment


def test_a_bill_payment_is_made_voided_and_deleted(client: Any) -> None:
    bill = new_bill(client).save(qb=client)
    payment = payment_of(client, bill).save(qb=client)
    paid = objects.Bill.get(bill.Id, qb=client)

    payment.void(qb=client)
    voided = objects.BillPayment.get(payment.Id, qb=client)
    opened = objects.Bill.get(bill.Id, qb=client)
    voided.delete(qb=client)

    assert (paid.Balance, opened.Balance) == (0, 100)
    assert paid.LinkedTxn[0].TxnId == payment.Id
    assert voided.TotalAmt == 0
    assert "Voided" in voided.PrivateNote


def test_an_invoice_is_sent_back_paid_voided_and_deleted(client: Any) -> None:
    invoice = new_invoice(client).save(qb=client)
    payment = objects.Payment()
    payment.TotalAmt = 100
    payment.CustomerRef = invoice.CustomerRef
    line = objects.PaymentLine()
    line.Amount = 100
    line.LinkedTxn.append(invoice.to_linked_txn())
    payment.Line.append(line)
    payment = payment.save(qb=client)
    paid = objects.Invoice.get(invoice.Id, qb=client)
    paid.PrivateNote = "changed"
    changed = paid.save(qb=client)

    payment.void(qb=client)
    opened = objects.Invoice.get(invoice.Id, qb=client)
    opened.void(qb=client)
    voided = objects.Invoice.get(invoice.Id, qb=client)
    voided.delete(qb=client)
    objects.Payment.get(payment.Id, qb=client).delete(qb=client)

    assert changed.Balance == 0
    assert opened.Balance == 100
    assert voided.TotalAmt == 0


def test_credits_are_given_and_taken(client: Any) -> None:
    memo = objects.CreditMemo()
    memo.CustomerRef = objects.Customer.all(max_results=1, qb=client)[0].to_ref()
    memo.Line = new_invoice(client, 30).Line
    credit = objects.VendorCredit()
    credit.VendorRef = objects.Vendor.all(max_results=1, qb=client)[0].to_ref()
    credit.Line.append(bill_line(client, 20))

    memo, credit = memo.save(qb=client), credit.save(qb=client)

    assert (memo.RemainingCredit, credit.Balance) == (30, 20)
    memo.delete(qb=client)
    credit.delete(qb=client)


def test_a_purchase_lives_and_dies(client: Any) -> None:
    purchase = objects.Purchase()
    purchase.PaymentType = "Check"
    purchase.AccountRef = bank(client).to_ref()
    purchase.EntityRef = objects.Vendor.all(max_results=1, qb=client)[0].to_ref()
    purchase.Line.append(bill_line(client, 12))

    made = purchase.save(qb=client)
    made.PrivateNote = "changed"
    changed = made.save(qb=client)

    assert changed.SyncToken == "1"
    changed.delete(qb=client)


def test_a_deposit_lives_and_dies(client: Any) -> None:
    deposit = objects.Deposit()
    deposit.DepositToAccountRef = bank(client).to_ref()
    line = objects.DepositLine()
    line.Amount = 15
    line.DepositLineDetail = objects.DepositLineDetail()
    line.DepositLineDetail.AccountRef = expense(client).to_ref()
    deposit.Line.append(line)

    made = deposit.save(qb=client)

    assert made.TotalAmt == 15
    made.delete(qb=client)


def test_a_journal_entry_lives_and_dies(client: Any) -> None:
    entry = objects.JournalEntry()
    for posting, account in (("Debit", expense(client)), ("Credit", bank(client))):
        line = JournalEntryLine()
        line.Amount = 7
        line.JournalEntryLineDetail = JournalEntryLineDetail()
        line.JournalEntryLineDetail.PostingType = posting
        line.JournalEntryLineDetail.AccountRef = account.to_ref()
        entry.Line.append(line)

    made = entry.save(qb=client)

    assert made.TotalAmt == 7
    made.delete(qb=client)


def test_batches_create_change_and_delete(client: Any) -> None:
    made = batch_create([new_bill(client, amount) for amount in range(1, 36)], qb=client)
    assert (len(made.successes), len(made.faults)) == (35, 0)
    for each in made.successes:
        each.PrivateNote = "changed"

    changed = batch_update(made.successes, qb=client)
    removed = batch_delete(changed.successes, qb=client)

    assert {each.SyncToken for each in changed.successes} == {"1"}
    assert len(removed.successes) == 35


def test_a_fault_in_a_batch_is_told_for_its_item(client: Any) -> None:
    bad = new_bill(client)
    bad.Line = []

    result = batch_create([new_bill(client), bad], qb=client)

    assert (len(result.successes), len(result.faults)) == (1, 1)
    assert result.faults[0].Error[0].code == "2020"


def test_changes_are_captured(intuit: Intuit, client: Any) -> None:
    since = intuit.emulator.clock.now() - timedelta(hours=9)
    bill = new_bill(client).save(qb=client)

    changes = change_data_capture([objects.Bill, objects.Term], since, qb=client)

    assert bill.Id in {each.Id for each in changes.Bill}


@pytest.mark.parametrize("as_file", [True, False])
def test_files_are_attached(client: Any, *, as_file: bool) -> None:
    bill = new_bill(client).save(qb=client)
    attachment = objects.Attachable()
    reference = objects.AttachableRef()
    reference.EntityRef = bill.to_ref()
    attachment.AttachableRef.append(reference)
    if as_file:
        attachment.FileName, attachment.ContentType = "invoice.txt", "text/plain"
        attachment._FileBytes = b"please pay"
    else:
        attachment.Note = "please pay"

    made = attachment.save(qb=client)
    found = objects.Attachable.get(made.Id, qb=client)
    found.delete(qb=client)

    assert (found.Size if as_file else found.Note) in {10, "please pay"}


def test_what_there_is_one_of_is_read(intuit: Intuit, client: Any) -> None:
    info = objects.CompanyInfo.get(intuit.realm_id, qb=client)
    preferences = objects.Preferences.get(qb=client)

    assert info.CompanyName == intuit.company.name
    assert preferences.CurrencyPrefs.HomeCurrency.value == "USD"
    preferences.save(qb=client)


def test_tax_codes_are_listed(client: Any) -> None:
    assert {each.Id for each in objects.TaxCode.all(qb=client)} >= {"TAX", "NON"}


def test_refusals_arrive_as_the_clients_exceptions(client: Any) -> None:
    vendor = objects.Vendor()
    vendor.DisplayName = objects.Customer.all(max_results=1, qb=client)[0].DisplayName

    with pytest.raises(QuickbooksException) as taken:
        vendor.save(qb=client)
    with pytest.raises(ValidationException) as unreadable:
        objects.Vendor.query("select * from Vendor where", qb=client)

    assert taken.value.error_code == 6240
    assert unreadable.value.error_code == 4000


def test_a_request_id_protects_from_a_second_bill(client: Any) -> None:
    first = new_bill(client).save(qb=client, request_id="once")
    second = new_bill(client).save(qb=client, request_id="once")

    assert second.Id == first.Id
