"""Batches, request ids, and change data capture."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.bookkeeper import Bookkeeper


@pytest.fixture
def books() -> Bookkeeper:
    return Bookkeeper()


def item(number: str, books: Bookkeeper, **more: Any) -> dict[str, Any]:
    bill = {"VendorRef": {"value": books.vendor}, "Line": [books.line()], **more}
    return {"bId": number, "operation": "create", "Bill": bill}


def test_a_faulty_item_leaves_the_others_alone(books: Bookkeeper) -> None:
    bad = item("b", books)
    bad["Bill"]["Line"] = []

    answers = books.post("batch", {"BatchItemRequest": [item("a", books), bad, item("c", books)]})

    assert [each["bId"] for each in answers] == ["a", "b", "c"]
    assert answers[0]["Bill"]["Id"] == "1"
    assert answers[1]["Fault"]["Error"][0]["code"] == "2020"
    assert answers[2]["Bill"]["Id"] == "2"


def test_a_batch_may_answer_in_another_order() -> None:
    books = Bookkeeper(switches={"batch_answers": "reversed"})

    answers = books.post("batch", {"BatchItemRequest": [item("a", books), item("b", books)]})

    assert [(each["bId"], each["Bill"]["Id"]) for each in answers] == [("b", "2"), ("a", "1")]


def test_a_repeated_batch_may_be_refused_item_by_item() -> None:
    books = Bookkeeper(switches={"repeated_batch": "refused"})
    document = {"BatchItemRequest": [item("a", books), item("b", books)]}
    books.post("batch", document, requestid="r1")

    answers = books.post("batch", document, requestid="r1")

    assert [each["bId"] for each in answers] == ["a", "b"]
    assert {each["Fault"]["Error"][0]["code"] for each in answers} == {"6000"}
    assert books.company.count("Bill") == 2


def test_ids_that_are_too_long_together_may_be_refused_item_by_item() -> None:
    books = Bookkeeper(switches={"batch_ids_beyond_limit": "6000"})
    document = {"BatchItemRequest": [item("x" * 10, books)]}

    (answer,) = books.post("batch", document, requestid="r" * 41)

    assert answer["Fault"]["Error"][0]["code"] == "6000"
    assert books.company.count("Bill") == 0


def test_a_batch_updates_deletes_voids_and_queries(books: Bookkeeper) -> None:
    bill = books.bill(100)
    payment = books.post("billpayment", books.payment_of((bill["Id"], 100)))
    other = books.bill(5)

    answers = books.post(
        "batch",
        {
            "BatchItemRequest": [
                {
                    "bId": "1",
                    "operation": "update",
                    "optionsData": "void",
                    "BillPayment": {"Id": payment["Id"], "SyncToken": "0", "sparse": True},
                },
                {
                    "bId": "2",
                    "operation": "delete",
                    "Bill": {"Id": other["Id"], "SyncToken": "0"},
                },
                {"bId": "3", "Query": "select count(*) from Bill"},
                {
                    "bId": "4",
                    "operation": "update",
                    "Vendor": {
                        "Id": books.vendor,
                        "SyncToken": "0",
                        "sparse": True,
                        "AcctNum": "9",
                    },
                },
            ]
        },
    )

    assert answers[0]["BillPayment"]["TotalAmt"] == 0
    assert answers[1]["Bill"]["status"] == "Deleted"
    assert answers[2]["QueryResponse"] == {"totalCount": 1}
    assert answers[3]["Vendor"]["AcctNum"] == "9"


def test_an_item_may_allow_a_doubled_number(books: Bookkeeper) -> None:
    books.bill(DocNumber="A1")

    answers = books.post(
        "batch",
        {
            "BatchItemRequest": [
                item("1", books, DocNumber="A1"),
                {**item("2", books, DocNumber="A1"), "optionsData": "allowduplicatedocnum"},
            ]
        },
    )

    assert answers[0]["Fault"]["Error"][0]["code"] == "6140"
    assert "Bill" in answers[1]


@pytest.mark.parametrize("most", [30, 10])
def test_a_batch_has_a_largest_size(most: int) -> None:
    books = Bookkeeper(switches={"batch_items_max": most})
    items = [item(str(number), books) for number in range(most + 1)]

    error = books.fault("batch", {"BatchItemRequest": items})
    answers = books.post("batch", {"BatchItemRequest": items[:most]})

    assert error["code"] == "1040"
    assert len(answers) == most


def test_a_batch_with_something_unmodelled_answers_501_and_says_which_item(
    books: Bookkeeper,
) -> None:
    items = [item("1", books), {"bId": "2", "operation": "create", "SalesReceipt": {}}]

    response = books.send("POST", "batch", {"BatchItemRequest": items})

    assert response.status == 501
    answers = response.json()["BatchItemResponse"]
    assert "Bill" in answers[0]
    assert "SalesReceipt" in answers[1]["Fault"]["Error"][0]["Detail"]


def bill_document(books: Bookkeeper) -> dict[str, Any]:
    return {"VendorRef": {"value": books.vendor}, "Line": [books.line()]}


def test_the_same_request_id_gives_the_first_answer_and_no_second_effect(
    books: Bookkeeper,
) -> None:
    first = books.send("POST", "bill", bill_document(books), requestid="r1")
    books.clock.advance(60)
    second = books.send("POST", "bill", bill_document(books), requestid="r1")

    assert second.body == first.body
    assert books.company.count("Bill") == 1


def test_a_request_id_is_forgotten_after_a_day(books: Bookkeeper) -> None:
    books.send("POST", "bill", bill_document(books), requestid="r1")
    books.clock.advance(86_400)
    books.send("POST", "bill", bill_document(books), requestid="r1")

    assert books.company.count("Bill") == 2


def test_the_switch_makes_request_ids_count_for_nothing() -> None:
    books = Bookkeeper(switches={"requestid": "ignored"})
    for _ in range(2):
        books.send("POST", "bill", bill_document(books), requestid="r1")

    assert books.company.count("Bill") == 2


def test_another_body_under_the_same_request_id_gets_the_first_answer(books: Bookkeeper) -> None:
    first = books.send("POST", "bill", bill_document(books), requestid="r1")
    second = books.send("POST", "vendor", {"DisplayName": "Zeta"}, requestid="r1")

    assert second.body == first.body


def test_the_switch_refuses_another_body_under_the_same_request_id() -> None:
    books = Bookkeeper(switches={"requestid_other_body": "refused"})
    books.send("POST", "bill", bill_document(books), requestid="r1")

    assert books.fault("vendor", {"DisplayName": "Zeta"}, requestid="r1")["code"] == "600"


@pytest.mark.parametrize(("replayed", "count"), [(False, 1), (True, 0)])
def test_a_fault_is_remembered_only_where_the_switch_says_so(replayed: bool, count: int) -> None:
    books = Bookkeeper(switches={"requestid_faults_replayed": replayed})
    blocker = books.bill(DocNumber="A1")
    document = {**bill_document(books), "DocNumber": "A1"}
    assert books.fault("bill", document, requestid="r1")["code"] == "6140"
    books.post("bill", {"Id": blocker["Id"], "SyncToken": "0"}, operation="delete")

    books.send("POST", "bill", document, requestid="r1")

    assert books.company.count("Bill") == count


def test_a_request_id_has_at_most_fifty_characters(books: Bookkeeper) -> None:
    assert books.fault("bill", bill_document(books), requestid="x" * 51)["code"] == "2130"


def test_a_batch_is_a_replay_only_if_its_items_have_the_same_ids(books: Bookkeeper) -> None:
    first = books.send("POST", "batch", {"BatchItemRequest": [item("a", books)]}, requestid="r1")
    second = books.send("POST", "batch", {"BatchItemRequest": [item("a", books)]}, requestid="r1")
    books.send("POST", "batch", {"BatchItemRequest": [item("b", books)]}, requestid="r1")

    assert second.body == first.body
    assert books.company.count("Bill") == 2


@pytest.mark.parametrize(("request_id", "item_id"), [("x" * 37, "a"), ("r1", "x" * 11)])
def test_ids_of_a_replayable_batch_are_shorter(
    books: Bookkeeper, request_id: str, item_id: str
) -> None:
    document = {"BatchItemRequest": [item(item_id, books)]}

    assert books.fault("batch", document, requestid=request_id)["code"] == "2130"
    assert "Bill" in books.post("batch", document)[0]


def test_capture_tells_what_changed_and_what_is_gone(books: Bookkeeper) -> None:
    kept, gone = books.bill(1), books.bill(2)
    books.clock.advance(100)
    books.post("bill", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    vendor = books.get(f"vendor/{books.vendor}")
    books.post("vendor", {**vendor, "Active": False})

    answer = books.get(
        "cdc", entities="bill, Vendor,Customer", changedSince="2026-01-05T09:01:00-08:00"
    )

    parts = answer[0]["QueryResponse"]
    assert parts[0]["Bill"] == [
        {
            "domain": "QBO",
            "status": "Deleted",
            "Id": gone["Id"],
            "MetaData": {"LastUpdatedTime": "2026-01-05T09:01:40-08:00"},
        }
    ]
    assert [each["Active"] for each in parts[1]["Vendor"]] == [False]
    assert parts[2] == {}
    assert kept["Id"] not in {each["Id"] for each in parts[0]["Bill"]}


def test_capture_gives_each_object_once_in_its_last_state(books: Bookkeeper) -> None:
    bill = books.bill(1)
    books.post("bill", {**bill, "PrivateNote": "n"})

    answer = books.get("cdc", entities="Bill", changedSince="2026-01-05")

    shown = answer[0]["QueryResponse"][0]
    assert shown["maxResults"] == 1
    assert shown["Bill"][0]["SyncToken"] == "1"


@pytest.mark.parametrize(("how", "status"), [("refused", 400), ("truncated", 200)])
def test_capture_looks_back_thirty_days(how: str, status: int) -> None:
    books = Bookkeeper(switches={"cdc_beyond_window": how})
    books.bill()
    books.clock.advance(40 * 86_400)

    response = books.send("GET", "cdc", entities="Bill", changedSince="2026-01-01")

    assert response.status == status
    if status == 200:
        assert response.json()["CDCResponse"] == [{"QueryResponse": [{}]}]


@pytest.mark.parametrize("how", ["refused", "truncated"])
def test_capture_gives_a_thousand_objects(how: str) -> None:
    books = Bookkeeper(switches={"cdc_beyond_limit": how})
    for _ in range(34):
        books.post("batch", {"BatchItemRequest": [item(str(n), books) for n in range(30)]})

    response = books.send("GET", "cdc", entities="Bill,Vendor", changedSince="2026-01-01")

    if how == "refused":
        assert response.json()["Fault"]["Error"][0]["code"] == "10100"
    else:
        shown = response.json()["CDCResponse"][0]["QueryResponse"]
        assert (shown[0]["maxResults"], shown[1]) == (1000, {})


def test_capture_does_not_know_tax_codes(books: Bookkeeper) -> None:
    response = books.send("GET", "cdc", entities="TaxCode", changedSince="2026-01-01")

    assert response.json()["Fault"]["Error"][0]["code"] == "5030"


@pytest.mark.parametrize(("inclusive", "found"), [(True, 1), (False, 0)])
def test_the_first_moment_of_a_capture_counts_or_does_not(inclusive: bool, found: int) -> None:
    books = Bookkeeper(switches={"cdc_inclusive": inclusive})
    moment = books.bill()["MetaData"]["LastUpdatedTime"]

    answer = books.get("cdc", entities="Bill", changedSince=moment)

    assert len(answer[0]["QueryResponse"][0].get("Bill", [])) == found
