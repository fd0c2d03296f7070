"""Intuit's own clients run against the emulator, unchanged except for host names."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

from quickbooks_emulator import testing
from quickbooks_emulator.accounting.throttle import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quickbooks_emulator.testing import Intuit

NPM = Path(__file__).parent / "npm"
DAY = 86_400


@pytest.fixture
def intuit() -> Iterator[Intuit]:
    with testing.served(seeded=False, limits=UNLIMITED) as started:
        yield started


def consent(intuit: Intuit, url: str) -> dict[str, str]:
    """Consent on the page and return the callback's parameters."""
    page = httpx2.get(url).text
    form = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("ticket", "user_id", "realm_id")
    }
    address = f"{intuit.url}/app/connect/oauth2/authorize"
    answer = httpx2.post(address, data={**form, "decision": "allow"})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def test_the_python_client_lives_through_the_whole_life_of_a_token(intuit: Intuit) -> None:
    """One adaptation: its `environment` is the emulator's discovery document, as it allows."""
    discovery = f"{intuit.url}/.well-known/openid_sandbox_configuration/"
    with AuthClient(
        intuit.app.client_id, intuit.app.client_secret, testing.REDIRECT_URI, discovery
    ) as client:
        client.include_refresh_token_hard_expires_in = True
        scopes = [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL, Scopes.PROFILE]
        callback = consent(intuit, client.get_authorization_url(scopes))
        assert callback["state"] == client.state_token

        client.get_bearer_token(callback["code"], realm_id=callback["realmId"])
        first = client.refresh_token
        assert client.id_token is not None, "the client checked the signature and kept it"
        assert client.realm_id == intuit.realm_id
        assert client.x_refresh_token_hard_expires_in == 157_680_000
        assert client.get_user_info().json()["givenName"] == "Dana"

        client.refresh()
        assert client.refresh_token == first
        intuit.emulator.advance(DAY)
        client.refresh()
        assert client.refresh_token != first
        with pytest.raises(AuthClientError) as problem:
            client.refresh(refresh_token=first)
        assert problem.value.status_code == 400
        assert problem.value.intuit_tid
        assert b"invalid_grant" in problem.value.content

        assert client.revoke() is True
        with pytest.raises(AuthClientError):
            client.refresh()


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node, with Intuit's client installed from the lock file."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        pytest.skip("no Node on this machine")
    if not (NPM / "node_modules" / "intuit-oauth").is_dir():
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        installed = subprocess.run(command, cwd=NPM, capture_output=True, text=True, check=False)
        if installed.returncode:
            pytest.skip(f"npm could not install intuit-oauth: {installed.stderr[-300:]}")
    return program


def test_the_javascript_client_lives_through_the_whole_life_of_a_token(
    node: str, intuit: Intuit
) -> None:
    """Three adaptations: authorize URLs (its own setter), keys and API host (its statics)."""
    app = intuit.app
    arguments = [intuit.url, app.client_id, app.client_secret, testing.REDIRECT_URI]

    ran = subprocess.run(
        [node, "life.js", *arguments], cwd=NPM, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told.pop("hardEnd") > 157_679_000
    assert told == {
        "realmId": intuit.realm_id,
        "state": "a state",
        "idTokenIsValid": True,
        "email": "dana.rivera@example.com",
        "company": "Sandbox Company_US_1",
        "missing": "610",
        "afterwards": "invalid_grant",
    }
