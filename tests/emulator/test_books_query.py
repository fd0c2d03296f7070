"""The query language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.bookkeeper import Bookkeeper


@pytest.fixture(scope="module")
def books() -> Bookkeeper:
    """Twelve bills of three vendors, an hour apart, which no test changes."""
    keeper = Bookkeeper()
    for number in range(1, 13):
        keeper.bill(
            number * 10,
            VendorRef={"value": str(number % 3 + 1)},
            DocNumber=f"N-{number}",
            TxnDate=f"2026-01-{number:02d}",
            PrivateNote=f"note {number}",
        )
        keeper.clock.advance(3600)
    return keeper


def ids(found: dict[str, Any], kind: str = "Bill") -> list[int]:
    return [int(each["Id"]) for each in found.get(kind, [])]


def test_transactions_come_newest_first_unless_ordered(books: Bookkeeper) -> None:
    assert ids(books.query("select * from Bill")) == list(range(12, 0, -1))


def test_the_switch_lets_transactions_come_oldest_first() -> None:
    books = Bookkeeper(switches={"transaction_order": "ascending"})
    books.bill()
    books.bill()

    assert ids(books.query("select * from Bill")) == [1, 2]


def test_an_answer_tells_its_page_and_not_the_limit_asked_for(books: Bookkeeper) -> None:
    found = books.query("SELECT * FROM Bill STARTPOSITION 11 MAXRESULTS 5")

    assert (found["startPosition"], found["maxResults"]) == (11, 2)
    assert "totalCount" not in found


def test_nothing_found_is_an_empty_object(books: Bookkeeper) -> None:
    assert books.query("select * from Bill where DocNumber = 'none'") == {}


def test_counting_gives_only_the_count(books: Bookkeeper) -> None:
    assert books.query("select count(*) from Bill where TotalAmt > '50'") == {"totalCount": 7}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("DocNumber = 'n-3'", [3]),
        ("DocNumber IN ('N-3', 'N-5', 'N-3')", [5, 3]),
        ("DocNumber LIKE 'n-1%'", [12, 11, 10, 1]),
        ("DocNumber LIKE '%2'", [12, 2]),
        ("Id = '4'", [4]),
        ("Id IN ('4','6','99')", [6, 4]),
        ("VendorRef = '1'", [12, 9, 6, 3]),
        ("VendorRef IN ('1','2') AND TotalAmt >= 90", [12, 10, 9]),
        ("TotalAmt < '25.5'", [2, 1]),
        ("TxnDate >= '2026-01-11'", [12, 11]),
        ("TxnDate > '2026-01-02' AND TxnDate <= '2026-01-04'", [4, 3]),
        ("MetaData.LastUpdatedTime > '2026-01-05T18:00:00-08:00'", [12, 11]),
        ("MetaData.LastUpdatedTime >= '2026-01-06T02:00:00Z'", [12, 11, 10]),
        ("MetaData.CreateTime < '2026-01-05T10:00:00-08:00'", [1]),
        ("TxnDate = CURRENT_DATE", [5]),
        ("DocNumber = 'N-5' AND DueDate > '2026-01-04'", [5]),
        ("metadata.createtime = '2026-01-05T10:00:00-08:00'", [2]),
    ],
)
def test_conditions_select(books: Bookkeeper, where: str, expected: list[int]) -> None:
    assert ids(books.query(f"select * from bill where {where}")) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ORDERBY TxnDate", [1, 2, 3]),
        ("ORDER BY TotalAmt DESC", [12, 11, 10]),
        ("order by VendorRef asc, Id desc", [12, 9, 6]),
    ],
)
def test_both_spellings_of_order_work(books: Bookkeeper, order: str, expected: list[int]) -> None:
    assert ids(books.query(f"select * from Bill {order} maxresults 3")) == expected


def test_named_columns_give_sparse_objects(books: Bookkeeper) -> None:
    found = books.query("select DocNumber, TotalAmt from Bill where Id = '2'")

    expected = {"DocNumber": "N-2", "TotalAmt": 20, "domain": "QBO", "sparse": True, "Id": "2"}
    assert found["Bill"] == [expected]


def test_a_star_among_columns_means_all(books: Bookkeeper) -> None:
    found = books.query("SELECT *, Sku FROM Item WHERE Name = 'Paper'")

    assert found["Item"][0]["sparse"] is False


def test_a_statement_may_be_posted_as_text(books: Bookkeeper) -> None:
    response = books.send(
        "POST",
        "query",
        raw=b"select * from Bill where Id = '4'",
        headers={"content-type": "application/text"},
    )

    assert ids(response.json()["QueryResponse"]) == [4]


@pytest.mark.parametrize("name", ["O'Brien & Sons Plumbing", "Tania's Nursery"])
def test_apostrophes_are_escaped_with_a_backslash(books: Bookkeeper, name: str) -> None:
    escaped = name.replace("'", "\\'")

    found = books.query(f"select * from Vendor where DisplayName = '{escaped}'")

    assert found["Vendor"][0]["DisplayName"] == name


@pytest.mark.parametrize(
    "statement",
    [
        "select * from Vendor where DisplayName = 'Joe's'",
        "select * from Vendor where Id = '1' or Id = '2'",
        "select * from Vendor group by Id",
        "select * from",
        "delete from Vendor",
        "select * from Bill maxresults x",
        "",
    ],
)
def test_what_cannot_be_read_is_refused_with_4000(books: Bookkeeper, statement: str) -> None:
    error = books.query_fault(statement)

    assert error["code"] == "4000"
    assert error["Detail"].startswith("QueryParserError: Encountered ")


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        (
            "select * from Bill startposition -1",
            "QueryValidationError: value -1 is too small. Min allowed value is 1",
        ),
        (
            "select * from Vendor where AcctNum = '1'",
            "QueryValidationError: property 'AcctNum' is not queryable",
        ),
        (
            "select * from Bill maxresults 1001",
            "QueryValidationError: value 1001 is too large. Max allowed value is 1000",
        ),
        (
            "select * from Bill where PrivateNote = 'x'",
            "QueryValidationError: property 'PrivateNote' is not queryable",
        ),
        (
            "select * from Bill where Line = '1'",
            "QueryValidationError: property 'Line' is not queryable",
        ),
        (
            "select * from Bill where Colour = '1'",
            "QueryValidationError: Property Colour not found for Entity Bill",
        ),
        ("select * from Bill where Id > '1'", "QueryValidationError: Id can only"),
        ("select * from Bill where TotalAmt > 'much'", "QueryValidationError: Invalid value"),
        ("select * from Wombat", "QueryValidationError: Invalid context declaration: Wombat"),
        (
            "select * from Payment where DocNumber = '1'",
            "QueryValidationError: property 'DocNumber' is not queryable",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_with_4001(
    books: Bookkeeper, statement: str, detail: str
) -> None:
    error = books.query_fault(statement)

    assert error["code"] == "4001"
    assert error["Detail"].startswith(detail)


def test_a_query_for_an_entity_that_is_not_modelled_answers_501(books: Bookkeeper) -> None:
    response = books.send("GET", "query", query="select * from SalesReceipt")

    assert response.status == 501
    assert "SalesReceipt" in response.body.decode()


def test_the_switch_makes_notes_queryable() -> None:
    books = Bookkeeper(switches={"private_note_queryable": True})
    books.bill(PrivateNote="CleoPay:pay_1")

    assert ids(books.query("select * from Bill where PrivateNote = 'CleoPay:pay_1'")) == [1]


def test_the_switch_makes_account_numbers_queryable() -> None:
    books = Bookkeeper(switches={"account_number_queryable": True})
    books.post("vendor", {"DisplayName": "Numbered", "AcctNum": "77"})

    found = books.query("select * from Vendor where AcctNum = '77'")["Vendor"]

    assert [one["DisplayName"] for one in found] == ["Numbered"]


def test_position_zero_is_the_first_row_or_refused() -> None:
    asked = "select * from Vendor startposition 0 maxresults 2"
    books, strict = Bookkeeper(), Bookkeeper(switches={"start_position_zero": "refused"})

    assert books.query(asked) == books.query(asked.replace("0", "1", 1))
    error = strict.query_fault(asked)
    detail = "QueryValidationError: value 0 is too small. Min allowed value is 1"
    assert (error["code"], error["Detail"]) == ("4001", detail)


def test_unequal_selects_the_others_or_is_refused() -> None:
    asked = "select * from Vendor where DisplayName != 'ALAMEDA office Supply'"
    books, strict = Bookkeeper(), Bookkeeper(switches={"unequal_operator": "refused"})
    every = {one["DisplayName"] for one in books.query("select * from Vendor")["Vendor"]}

    others = {one["DisplayName"] for one in books.query(asked)["Vendor"]}

    assert every - others == {"Alameda Office Supply"}
    assert strict.query_fault(asked)["code"] == "4000"


def test_name_lists_come_by_name_and_shift_when_a_name_is_added() -> None:
    books = Bookkeeper()
    names = [one["DisplayName"] for one in books.query("select * from Vendor")["Vendor"]]
    first = books.query("select * from Vendor startposition 1 maxresults 2")["Vendor"]

    books.post("vendor", {"DisplayName": "aaa Plumbing"})
    second = books.query("select * from Vendor startposition 3 maxresults 2")["Vendor"]

    assert names == sorted(names, key=str.casefold)
    assert second[0] == first[1]


def test_the_switch_lets_name_lists_come_by_id() -> None:
    books = Bookkeeper(switches={"name_list_order": "by_id"})
    books.post("vendor", {"DisplayName": "aaa Plumbing"})

    found = books.query("select * from Vendor")["Vendor"]

    assert [int(one["Id"]) for one in found] == sorted(int(one["Id"]) for one in found)
    assert found[-1]["DisplayName"] == "aaa Plumbing"


def test_the_default_page_is_a_hundred_rows(books: Bookkeeper) -> None:
    fresh = Bookkeeper()
    for _ in range(101):
        fresh.bill()

    assert fresh.query("select * from Bill")["maxResults"] == 100
    assert fresh.query("select * from Bill maxresults 1000")["maxResults"] == 101


def test_only_active_names_come_unless_asked_for() -> None:
    books = Bookkeeper()
    vendor = books.get(f"vendor/{books.vendor}")
    books.post("vendor", {**vendor, "Active": False})
    every = books.query("select count(*) from Vendor where Active in (true, false)")["totalCount"]

    assert books.query("select count(*) from Vendor")["totalCount"] == every - 1
    gone = books.query("select * from Vendor where Active = false")["Vendor"]
    assert [each["Id"] for each in gone] == [books.vendor]


def test_balances_of_names_and_accounts_can_be_queried() -> None:
    books = Bookkeeper()
    books.bill(100)

    found = books.query("select * from Vendor where Balance > '0'")

    assert ids(found, "Vendor") == [int(books.vendor)]


def test_company_info_and_preferences_can_be_queried(books: Bookkeeper) -> None:
    info = books.query("select * from CompanyInfo")["CompanyInfo"][0]
    preferences = books.query("select * from Preferences")["Preferences"][0]

    assert info["CompanyName"] == "Craig's Landscaping"
    assert preferences["CurrencyPrefs"]["MultiCurrencyEnabled"] is False


def test_paging_over_a_changing_set_skips_rows() -> None:
    books = Bookkeeper(switches={"transaction_order": "ascending"})
    for _ in range(4):
        books.bill()
    first = ids(books.query("select * from Bill startposition 1 maxresults 2"))

    books.post("bill", {"Id": "1", "SyncToken": "0"}, operation="delete")
    second = ids(books.query("select * from Bill startposition 3 maxresults 2"))

    assert first + second == [1, 2, 4]


def test_what_was_just_created_may_lag_in_queries() -> None:
    books = Bookkeeper(switches={"query_lag_seconds": 5.0})
    books.clock.advance(10)
    books.bill()

    assert books.query("select * from Bill") == {}
    books.clock.advance(6)
    assert ids(books.query("select * from Bill")) == [1]
