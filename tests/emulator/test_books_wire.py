"""JSON and XML, files, exchange rates, and entities of which a company has only one."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from quickbooks_emulator.accounting.api import file_response
from tests.emulator.bookkeeper import REALM, Bookkeeper

NAMESPACE = {"q": "http://schema.intuit.com/finance/v3"}


@pytest.fixture
def books() -> Bookkeeper:
    return Bookkeeper()


def xml(books: Bookkeeper, method: str, path: str, **more: Any) -> Element:
    response = books.send(method, path, headers={"accept": "*/*"}, **more)
    assert response.headers["content-type"] == "application/xml"
    return fromstring(response.body)


def test_whoever_does_not_ask_for_json_gets_xml(books: Bookkeeper) -> None:
    bill = books.bill(10.5, DocNumber="A&B")

    root = xml(books, "GET", f"bill/{bill['Id']}")

    shown = root.find("q:Bill", NAMESPACE)
    assert shown is not None
    assert shown.attrib == {"domain": "QBO", "sparse": "false"}
    assert shown.findtext("q:DocNumber", namespaces=NAMESPACE) == "A&B"
    vendor = shown.find("q:VendorRef", NAMESPACE)
    assert vendor is not None
    assert vendor.text == books.vendor
    assert vendor.attrib["name"] == bill["VendorRef"]["name"]


def test_a_query_in_xml_has_its_page_as_attributes(books: Bookkeeper) -> None:
    books.bill()
    books.bill()

    root = xml(books, "GET", "query", query="select * from Bill")

    found = root.find("q:QueryResponse", NAMESPACE)
    assert found is not None
    assert found.attrib == {"startPosition": "1", "maxResults": "2"}
    assert len(found.findall("q:Bill", NAMESPACE)) == 2


def test_a_fault_in_xml_has_its_code_as_attribute(books: Bookkeeper) -> None:
    root = xml(books, "GET", "bill/99")

    error = root.find("q:Fault/q:Error", NAMESPACE)
    assert error is not None
    assert error.attrib["code"] == "610"
    assert root[0].attrib == {"type": "ValidationFault"}


XML = {"content-type": "application/xml", "accept": "application/xml"}


def test_a_document_may_be_sent_in_xml(books: Bookkeeper) -> None:
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
    <ns0:Bill xmlns:ns0="http://schema.intuit.com/finance/v3">
      <ns0:DocNumber>X-1</ns0:DocNumber>
      <ns0:Line>
        <ns0:Description>Paper &amp; toner</ns0:Description>
        <ns0:Amount>10.50</ns0:Amount>
        <ns0:DetailType>AccountBasedExpenseLineDetail</ns0:DetailType>
        <ns0:AccountBasedExpenseLineDetail>
          <ns0:AccountRef name="whatever">{books.rent}</ns0:AccountRef>
        </ns0:AccountBasedExpenseLineDetail>
      </ns0:Line>
      <ns0:VendorRef>{books.vendor}</ns0:VendorRef>
    </ns0:Bill>"""

    made = fromstring(books.send("POST", "bill", raw=body.encode(), headers=XML).body)

    assert made.findtext("q:Bill/q:DocNumber", namespaces=NAMESPACE) == "X-1"
    assert made.findtext("q:Bill/q:TotalAmt", namespaces=NAMESPACE) == "10.5"
    shown = books.get("bill/1")["Line"][0]
    assert shown["Description"] == "Paper & toner"
    assert shown["AccountBasedExpenseLineDetail"]["AccountRef"]["name"] == "Rent or Lease"


def test_a_sparse_update_in_xml_says_so_in_an_attribute(books: Bookkeeper) -> None:
    body = f"""<Vendor xmlns="http://schema.intuit.com/finance/v3" sparse="true" domain="QBO">
      <Id>{books.vendor}</Id><SyncToken>0</SyncToken>
      <PrimaryEmailAddr><Address>a@b.example</Address></PrimaryEmailAddr>
    </Vendor>"""
    before = books.get(f"vendor/{books.vendor}")

    books.send("POST", "vendor", raw=body.encode(), headers=XML)

    after = books.get(f"vendor/{books.vendor}")
    assert after["PrimaryEmailAddr"] == {"Address": "a@b.example"}
    assert after["BillAddr"] == before["BillAddr"]


def test_a_batch_may_be_sent_in_xml(books: Bookkeeper) -> None:
    body = """<IntuitBatchRequest xmlns="http://schema.intuit.com/finance/v3">
      <BatchItemRequest bId="a" operation="create">
        <Vendor><DisplayName>Zeta</DisplayName></Vendor>
      </BatchItemRequest>
      <BatchItemRequest bId="b">
        <Query>select * from Vendor where Id = '1'</Query>
      </BatchItemRequest>
    </IntuitBatchRequest>"""

    root = fromstring(books.send("POST", "batch", raw=body.encode(), headers=XML).body)

    answers = root.findall("q:BatchItemResponse", NAMESPACE)
    assert [each.attrib["bId"] for each in answers] == ["a", "b"]
    assert answers[0].findtext("q:Vendor/q:DisplayName", namespaces=NAMESPACE) == "Zeta"
    assert answers[1].find("q:QueryResponse/q:Vendor", NAMESPACE) is not None


@pytest.mark.parametrize("raw", [b"<Bill>", b"<!DOCTYPE x><Bill/>"])
def test_broken_xml_is_refused(books: Bookkeeper, raw: bytes) -> None:
    response = books.send("POST", "bill", raw=raw, headers={"content-type": "text/xml"})

    assert response.json()["Fault"]["Error"][0]["code"] == "2010"


@pytest.mark.parametrize(("raw", "code"), [(b"{", "2010"), (b"[]", "2010"), (b"\xff\xfe", "500")])
def test_a_body_that_cannot_be_read_is_refused(books: Bookkeeper, raw: bytes, code: str) -> None:
    response = books.send("POST", "bill", raw=raw)

    assert response.status == 400
    assert response.json()["Fault"]["Error"][0]["code"] == code


def test_a_wrong_address_is_a_404(books: Bookkeeper) -> None:
    assert books.send("GET", "wombat/1").status == 404


@pytest.mark.parametrize("path", ["salesreceipt", "estimate", "transfer"])
def test_entities_of_intuits_that_are_not_modelled_answer_501(books: Bookkeeper, path: str) -> None:
    response = books.send("POST", path, {})

    assert response.status == 501
    assert path in response.body.decode()


@pytest.mark.parametrize("path", ["invoice/1/pdf", "reports/BalanceSheet"])
def test_reads_that_are_not_modelled_answer_501(books: Bookkeeper, path: str) -> None:
    assert books.send("GET", path).status == 501


def test_nesting_without_end_is_refused(books: Bookkeeper) -> None:
    assert books.send("POST", "bill", raw=b"[" * 100_000).status == 400
    deep = b"<a>" * 5000 + b"</a>" * 5000
    assert books.send("POST", "bill", raw=deep, headers=XML).status == 400


def test_an_unknown_include_answers_501(books: Bookkeeper) -> None:
    assert books.send("GET", "invoice/1", include="invoiceLink").status == 501
    response = books.send("POST", "invoice", {}, include="enhancedAllCustomFields")

    assert response.status == 501


UPLOAD = (
    b'--frontier\r\nContent-Disposition: form-data; name="file_metadata_01"\r\n'
    b"Content-Type: application/json\r\n\r\n"
    b'{"AttachableRef":[{"EntityRef":{"type":"Bill","value":"1"}}],'
    b'"FileName":"receipt.txt","ContentType":"text/plain"}\r\n'
    b'--frontier\r\nContent-Disposition: form-data; name="file_content_01"; '
    b'filename="receipt.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b"paid in full\r\n--frontier--\r\n"
)
MULTIPART = {"content-type": "multipart/form-data; boundary=frontier"}


def test_a_file_is_uploaded_with_its_metadata_and_can_be_had_again(books: Bookkeeper) -> None:
    books.bill()

    response = books.send("POST", "upload", raw=UPLOAD, headers=MULTIPART)

    (answer,) = response.json()["AttachableResponse"]
    attachable = answer["Attachable"]
    assert attachable["FileName"] == "receipt.txt"
    assert attachable["Size"] == len(b"paid in full")
    assert attachable["AttachableRef"][0]["EntityRef"] == {"type": "Bill", "value": "1"}
    file = file_response(books.company, attachable["TempDownloadUri"])
    assert file is not None
    assert file.body == b"paid in full"
    link = books.send("GET", f"download/{attachable['Id']}")
    assert link.body.decode() == attachable["TempDownloadUri"]


def test_a_file_is_not_had_by_guessing_its_path(books: Bookkeeper) -> None:
    books.bill()
    books.send("POST", "upload", raw=UPLOAD, headers=MULTIPART)

    assert file_response(books.company, f"/files/{REALM}/1/guess") is None


def test_an_attachable_without_note_or_file_is_refused(books: Bookkeeper) -> None:
    error = books.fault("attachable", {"ContentType": "text/plain"})

    assert error["code"] == "6000"
    assert "You must have at least a note string or file attachment" in error["Detail"]


def test_a_note_hangs_on_something_that_exists(books: Bookkeeper) -> None:
    books.bill()
    reference = {"EntityRef": {"type": "Bill", "value": "1"}}

    note = books.post("attachable", {"Note": "call them", "AttachableRef": [reference]})
    reference["EntityRef"]["value"] = "99"

    assert note["Note"] == "call them"
    error = books.fault("attachable", {"Note": "n", "AttachableRef": [reference]})
    assert error["code"] == "610"


def test_attachables_are_found_by_what_they_hang_on(books: Bookkeeper) -> None:
    books.bill()
    books.send("POST", "upload", raw=UPLOAD, headers=MULTIPART)
    where = "where AttachableRef.EntityRef.Type = 'bill' and AttachableRef.EntityRef.value = "

    found = books.query(f"select * from Attachable {where} '1'")

    assert found["Attachable"][0]["FileName"] == "receipt.txt"
    assert books.query(f"select * from Attachable {where} '2'") == {}


def test_exchange_rates_are_told_and_can_be_set() -> None:
    books = Bookkeeper(multicurrency=True)
    asked = {"sourcecurrencycode": "EUR", "asofdate": "2026-01-05"}
    table = books.get("exchangerate", **asked)

    books.post("exchangerate", {"SourceCurrencyCode": "EUR", "Rate": 1.5, "AsOfDate": "2026-01-03"})

    assert table["TargetCurrencyCode"] == "USD"
    assert books.get("exchangerate", **asked)["Rate"] == 1.5
    assert books.get("exchangerate", **{**asked, "asofdate": "2026-01-02"})["Rate"] == table["Rate"]


def test_exchange_rates_can_be_queried() -> None:
    books = Bookkeeper(multicurrency=True)
    books.post("companycurrency", {"Code": "EUR"})

    rates = books.query("select * from ExchangeRate where AsOfDate = '2026-01-05'")
    chosen = books.query("select * from exchangerate where SourceCurrencyCode IN ('SEK','GBP')")

    assert [each["SourceCurrencyCode"] for each in rates["ExchangeRate"]] == ["EUR"]
    assert [each["SourceCurrencyCode"] for each in chosen["ExchangeRate"]] == ["SEK", "GBP"]


def test_there_are_no_exchange_rates_without_multicurrency(books: Bookkeeper) -> None:
    response = books.send("GET", "exchangerate", sourcecurrencycode="EUR")

    assert response.json()["Fault"]["Error"][0]["code"] == "5030"


def test_preferences_can_be_changed(books: Bookkeeper) -> None:
    preferences = books.get("preferences")
    preferences["AccountingInfoPrefs"]["TrackDepartments"] = False

    changed = books.post("preferences", preferences)

    assert changed["SyncToken"] == "1"
    assert "DepartmentRef" not in books.bill(DepartmentRef={"value": "1"})


def test_company_facts_can_be_changed(books: Bookkeeper) -> None:
    change = {"sparse": True, "SyncToken": "0", "Id": "1", "LegalName": "Craig LLC"}

    changed = books.post("companyinfo", change)

    assert changed["LegalName"] == "Craig LLC"
    assert books.get(f"companyinfo/{REALM}")["SyncToken"] == "1"


def test_every_answer_carries_its_trace_and_time(books: Bookkeeper) -> None:
    response = books.send("GET", "preferences")

    assert response.headers["intuit_tid"] == "1-tid"
    assert response.headers["content-type"] == "application/json;charset=UTF-8"
    assert response.json()["time"] == "2026-01-05T09:00:00.000-08:00"


def test_times_follow_daylight_saving(books: Bookkeeper) -> None:
    books.clock.advance(86_400 * 180)

    assert books.bill()["MetaData"]["CreateTime"] == "2026-07-04T10:00:00-07:00"
