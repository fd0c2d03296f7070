"""The control API and page, the server and the command."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from playwright.sync_api import expect, sync_playwright

from quickbooks_emulator import testing
from quickbooks_emulator.accounting.throttle import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from quickbooks_emulator.testing import Intuit

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def intuit() -> Iterator[Intuit]:
    with testing.emulator(seeded=False) as started:
        yield started


@pytest.fixture
def control(intuit: Intuit) -> Iterator[httpx2.Client]:
    base = f"{intuit.url}/_emulator"
    with httpx2.Client(transport=intuit.transport(), base_url=base) as client:
        yield client


def test_apps_companies_people_and_grants_are_made_and_seen(control: httpx2.Client) -> None:
    app = control.post("/apps", json={"redirect_uris": ["https://app.example/cb"]}).json()
    company = control.post("/companies", json={"name": "New", "country": "CA"}).json()
    person = control.post("/users", json={"email": "lee@example.com"}).json()
    facts = {"realm_id": company["realm_id"], "client_id": app["client_id"]}
    tokens = control.post("/authorize", json={**facts, "user_id": person["id"]}).json()

    assert tokens["token_type"] == "bearer"
    assert app["client_id"] in [each["client_id"] for each in control.get("/apps").json()]
    seen = control.get(f"/companies/{company['realm_id']}").json()
    assert (seen["name"], seen["settings"]["country"]) == ("New", "CA")
    assert [each["user_id"] for each in control.get("/grants").json()] == [person["id"]]
    assert control.post("/disconnect", json=facts).json() == {"ended": 1, "landing": None}


def test_disconnecting_in_quickbooks_leads_to_the_apps_landing_url(
    control: httpx2.Client, intuit: Intuit
) -> None:
    url = "https://app.example/disconnected"
    client_id = control.post("/apps", json={"disconnect_url": url}).json()["client_id"]
    facts = {"client_id": client_id, "realm_id": intuit.realm_id}

    told = control.post("/disconnect", json=facts).json()
    followed = control.post("/do", data={**facts, "do": "disconnect"})

    assert told["landing"] == f"{url}?realmId={intuit.realm_id}"
    assert followed.status_code == 303
    assert followed.headers["location"] == told["landing"]


def test_time_is_moved_and_set(control: httpx2.Client) -> None:
    assert control.get("/clock").json() == {"now": "2026-01-05T17:00:00+00:00"}
    control.post("/clock", json={"moment": "2026-06-01T00:00:00-07:00"})
    assert (
        control.post("/clock", json={"seconds": 60}).json()["now"].startswith("2026-06-01T07:01:00")
    )


def test_faults_are_switched_on_and_off(control: httpx2.Client) -> None:
    rule = control.post("/faults", json={"kind": "delay", "path": "*/bill", "times": None}).json()
    assert [each["id"] for each in control.get("/faults").json()["rules"]] == [rule]
    assert control.delete(f"/faults/{rule}").status_code == 200
    assert control.delete(f"/faults/{rule}").status_code == 404
    control.put("/weather", json={"rates": {"delay": 0.5}})
    control.put("/bell", json={"lose": 0.5})
    assert control.get("/faults").json()["weather"]["rates"] == {"delay": 0.5}
    control.delete("/faults")
    assert control.get("/faults").json()["bell"]["lose"] == 0


def test_switches_and_limits_are_turned(control: httpx2.Client, intuit: Intuit) -> None:
    control.patch("/switches", json={"batch_items_max": 10})
    control.patch("/limits", json={"burst": 3})

    assert control.get("/switches").json()["batch_items_max"] == 10
    assert control.get("/limits").json()["burst"] == 3
    assert intuit.company.switches.batch_items_max == 10


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "/switches", {"nonsense": 1}, 400),
        ("PATCH", "/switches", {"batch_items_max": 11}, 400),
        ("POST", "/faults", {"kind": "nonsense"}, 400),
        ("POST", "/clock", {"seconds": -1}, 400),
        ("POST", "/clock", {"moment": "2026-01-01"}, 400),
        ("POST", "/apps", {"redirect_uris": ["http://app.example"]}, 400),
        ("POST", "/companies/1/person", {"deed": "merge"}, 400),
        ("POST", "/acts", {"do": "nonsense"}, 400),
        ("POST", "/nonsense", {}, 404),
        ("GET", "/nonsense", None, 404),
        ("GET", "/static/nonsense.css", None, 404),
        ("POST", "/clock", ["no", "object"], 400),
        ("POST", "/authorize", {"realm_id": "1", "client_id": "1"}, 400),
        ("GET", "/companies/1", None, 404),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    control: httpx2.Client, method: str, path: str, body: Any, status: int
) -> None:
    answer = control.request(method, path, json=body)

    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "changes", [{"client_id": "nobody"}, {"scopes": ["nonsense"]}, {"user_id": "nobody"}]
)
def test_consent_needs_what_exists(
    control: httpx2.Client, intuit: Intuit, changes: dict[str, Any]
) -> None:
    facts = {"realm_id": intuit.realm_id, "client_id": intuit.app.client_id}

    assert control.post("/authorize", json=facts).status_code == 200
    assert control.post("/authorize", json={**facts, **changes}).status_code == 400


def test_a_person_is_refused_as_quickbooks_would(control: httpx2.Client, intuit: Intuit) -> None:
    path = f"/companies/{intuit.realm_id}/person"
    vendor = {"deed": "create", "kind": "Vendor", "document": {"DisplayName": "Acme"}}
    parent = {"DisplayName": "Parent"}
    customer = control.post(
        path, json={"deed": "create", "kind": "Customer", "document": parent}
    ).json()["Id"]
    child = {"DisplayName": "Child", "Job": True, "ParentRef": {"value": customer}}
    control.post(path, json={"deed": "create", "kind": "Customer", "document": child})
    other = control.post(
        path, json={"deed": "create", "kind": "Customer", "document": {"DisplayName": "Other"}}
    ).json()["Id"]
    control.post(path, json=vendor)

    twice = control.post(path, json=vendor)
    unknown = control.post(path, json={"deed": "nonsense"})
    family = {"deed": "merge", "kind": "Customer", "id": customer, "winner": other}

    assert twice.json()["Fault"]["Error"][0]["code"] == "6240"
    assert unknown.status_code == 400
    assert control.post(path, json=family).status_code == 501


def test_amounts_are_numbers(control: httpx2.Client, intuit: Intuit) -> None:
    intuit.company.create("Vendor", {"DisplayName": "Acme"})

    records = control.get(f"/companies/{intuit.realm_id}/records/Vendor").json()["Vendor"]

    assert records[0]["Balance"] == 0
    assert control.get(f"/companies/{intuit.realm_id}/records").json()["Vendor"] == 1
    assert control.get(f"/companies/{intuit.realm_id}/nonsense").status_code == 404


def test_notices_and_usage_are_seen(control: httpx2.Client, intuit: Intuit) -> None:
    webhook = {"url": "ftp://nowhere.example/", "verifier_token": "v", "shape": "legacy"}
    control.post("/apps", json={"client_id": "listener", "webhook": webhook})
    facts = {"realm_id": intuit.realm_id, "client_id": "listener"}
    tokens = control.post("/authorize", json=facts).json()
    intuit.emulator.turn(metering="always")
    loser = intuit.company.create("Vendor", {"DisplayName": "Acme"})["Id"]
    winner = intuit.company.create("Vendor", {"DisplayName": "Beta"})["Id"]
    intuit.company.merge("Vendor", loser, winner)
    httpx2.Client(transport=intuit.transport()).get(
        f"{intuit.url}/v3/company/{intuit.realm_id}/vendor/{winner}",
        headers={
            "authorization": f"Bearer {tokens['access_token']}",
            "accept": "application/json",
        },
    )

    (delivered,) = control.post("/webhooks/deliver", json={}).json()
    (seen,) = control.get("/webhooks").json()

    assert delivered["state"] == seen["state"] == "waiting"
    assert f'"deletedId":"{loser}"' in seen["body"]
    (usage,) = control.get("/usage").json()
    assert (usage["client_id"], usage["core_plus_calls"]) == ("listener", 1)


def test_a_form_that_makes_no_sense_comes_back_with_the_reason(control: httpx2.Client) -> None:
    form = {"do": "add_company", "name": "A", "realm_id": "1"}
    assert control.post("/do", data=form).status_code == 303

    answer = control.post("/do", data=form)
    delivered = control.post("/do", data={"do": "deliver"})

    assert answer.status_code == 400
    assert "there is a company" in answer.text
    assert delivered.status_code == 303


def test_a_clock_that_goes_by_itself_can_be_shifted() -> None:
    with testing.served(seeded=False) as intuit:
        address = f"{intuit.url}/_emulator/clock"
        httpx2.post(address, json={"moment": "2030-01-01T00:00:00+00:00"})
        httpx2.post(address, json={"seconds": 86400})
        assert httpx2.post(address, json={"seconds": -1}).status_code == 400

        assert httpx2.get(address).json()["now"].startswith("2030-01-02T00:00")


def test_a_person_edits_pays_voids_merges_and_closes_the_books(
    control: httpx2.Client, intuit: Intuit
) -> None:
    def do(deed: str, **facts: Any) -> Any:
        path = f"/companies/{intuit.realm_id}/person"
        answer = control.post(path, json={"deed": deed, **facts})
        assert answer.status_code == 200, answer.text
        return answer.json()

    acme = do("create", kind="Vendor", document={"DisplayName": "Acme"})["Id"]
    beta = do("create", kind="Vendor", document={"DisplayName": "Beta"})["Id"]
    bank = do("create", kind="Account", document={"Name": "Till", "AccountType": "Bank"})["Id"]
    cost = do("create", kind="Account", document={"Name": "Rent", "AccountType": "Expense"})["Id"]
    line = {
        "Amount": 25,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": cost}},
    }
    document = {"VendorRef": {"value": acme}, "Line": [line]}
    bill = do("create", kind="Bill", document=document)["Id"]
    do("edit", kind="Bill", id=bill, changes={"PrivateNote": "by hand"})
    payment = do("pay", id=bill, account_id=bank)["Id"]
    assert intuit.company.get("Bill", bill)["Balance"] == 0
    do("void", kind="BillPayment", id=payment)
    assert intuit.company.get("Bill", bill)["Balance"] == 25
    do("merge", kind="Vendor", id=acme, winner=beta)
    assert intuit.company.get("Bill", bill)["VendorRef"]["value"] == beta
    do("inactivate", kind="Vendor", id=beta)
    do("close_books", last_day="2026-01-31")
    assert intuit.company.settings.closing_date == "2026-01-31"
    balance = control.get(f"/companies/{intuit.realm_id}/trial-balance").json()
    assert sum(balance.values()) == 0
    records = control.get(f"/companies/{intuit.realm_id}/records/Bill").json()
    assert records["Bill"][0]["PrivateNote"] == "by hand"


def test_the_journal_is_read_in_pages(control: httpx2.Client, intuit: Intuit) -> None:
    intuit.emulator.advance(1)

    first = control.get("/journal", params={"limit": 1}).json()["entries"]
    rest = control.get("/journal", params={"since": first[0]["seq"], "kind": "act"}).json()

    assert first[0]["do"] == "begin"
    assert rest["entries"][-1]["do"] == "advance"


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_other_peoples_pages_cannot_steer(control: httpx2.Client, headers: dict[str, str]) -> None:
    answer = control.post("/clock", json={"seconds": 60}, headers=headers)

    assert answer.status_code == 403


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_page_shows_and_steers() -> None:
    with testing.served(limits=UNLIMITED) as intuit, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_context(java_script_enabled=False).new_page()
        page.goto(f"{intuit.url}/_emulator/")
        expect(page.get_by_text("Sandbox Company_US_1").first).to_be_visible()

        page.get_by_role("button", name="Switch on").click()
        expect(page.get_by_text("delay on")).to_be_visible()
        page.get_by_role("button", name="Switch off").click()
        expect(page.get_by_text("Everything works.")).to_be_visible()
        page.get_by_label("batch items max").select_option("10")
        page.get_by_role("button", name="Turn").click()
        expect(page.get_by_label("batch items max")).to_have_value("10")
        chromium.close()

        assert intuit.company.switches.batch_items_max == 10


def start(*arguments: str) -> tuple[subprocess.Popen[str], str, str]:
    """Start the command and return the process, its output so far and its URL."""
    command = [sys.executable, "-m", "quickbooks_emulator", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    while "books " not in said:
        line = process.stdout.readline()
        assert line, "the command ended early"
        said += line
    url = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert url is not None
    return process, said, url.group()


def stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> None:
    os.kill(process.pid, how)
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()
    assert process.returncode == 0


def reachable(url: str) -> dict[str, Any]:
    for _ in range(100):
        try:
            document: dict[str, Any] = httpx2.get(f"{url}/_emulator/health").json()
        except httpx2.ConnectError:
            time.sleep(0.05)
        else:
            return document
    raise AssertionError(url)


def test_the_command_prints_what_one_needs_and_serves_it(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    process, said, url = start(
        "--seed=7",
        "--company=One",
        "--company=Two",
        "--client-id=my-app",
        "--client-secret=my-secret",
        "--redirect-uri=https://app.example/cb",
        "--virtual-time=2026-03-01T12:00:00+00:00",
        f"--journal={journal}",
    )
    try:
        assert reachable(url)["now"] == "2026-03-01T12:00:00+00:00"
        companies = httpx2.get(f"{url}/_emulator/companies").json()
        assert [each["name"] for each in companies] == ["One", "Two"]
        for fact in ("my-app", "my-secret", "https://app.example/cb", companies[0]["realm_id"]):
            assert fact in said
    finally:
        stop(process)
    first = json.loads(journal.read_text().splitlines()[0])
    assert first["with"]["seed"] == 7


def test_the_command_runs_a_journal_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    process, _, url = start(f"--journal={journal}")
    try:
        reachable(url)
        assert httpx2.get(f"{url}/.well-known/openid_configuration").status_code == 200
    finally:
        stop(process)
    command = [sys.executable, "-m", "quickbooks_emulator", "--rerun", str(journal)]

    again = subprocess.run(command, capture_output=True, text=True, check=True)
    journal.write_text(journal.read_text().replace("token_endpoint", "other_endpoint"))
    tampered = subprocess.run(command, capture_output=True, text=True, check=False)

    assert again.stdout == "1 requests run again, 0 answered differently\n"
    assert tampered.returncode == 1
    assert "1 answered differently" in tampered.stdout


def _run_until_ready(*options: str) -> None:
    process, _, url = start(*options)
    try:
        reachable(url)
    finally:
        stop(process)


def test_the_command_runs_a_journal_again_with_the_state_that_was_loaded(tmp_path: Path) -> None:
    journal, state, kept = (tmp_path / name for name in ("journal.jsonl", "state", "kept"))
    _run_until_ready(f"--state={state}")
    kept.write_bytes(state.read_bytes())
    _run_until_ready(f"--state={state}", f"--journal={journal}")
    command = [sys.executable, "-m", "quickbooks_emulator", "--rerun", str(journal)]

    without = subprocess.run(command, capture_output=True, text=True, check=False)
    again = subprocess.run(
        [*command, f"--state={kept}"], capture_output=True, text=True, check=True
    )

    assert without.returncode == 2
    assert "saved state" in without.stderr
    assert "Traceback" not in without.stderr
    assert again.stdout == "0 requests run again, 0 answered differently\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_keeps_its_state_in_a_file(tmp_path: Path, how: signal.Signals) -> None:
    state = tmp_path / "state.json"
    process, _, url = start("--company=One", f"--state={state}")
    try:
        reachable(url)
        httpx2.post(f"{url}/_emulator/companies", json={"name": "Two"})
    finally:
        stop(process, how)

    process, said, url = start(f"--state={state}")
    try:
        reachable(url)
        companies = httpx2.get(f"{url}/_emulator/companies").json()
    finally:
        stop(process)

    assert [each["name"] for each in companies] == ["One", "Two"]
    assert all(each["realm_id"] in said for each in companies)
