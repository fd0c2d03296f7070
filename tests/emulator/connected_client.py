"""PyPI's `python-quickbooks`, connected to an emulator that is served over HTTP."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from intuitlib.client import AuthClient
    from quickbooks import QuickBooks

if TYPE_CHECKING:
    import pytest

    from quickbooks_emulator.testing import Intuit


def connected(intuit: Intuit, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the client, unchanged except for its host names and permission to use plain HTTP."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    discovery = f"{intuit.url}/.well-known/openid_sandbox_configuration"
    monkeypatch.setattr("intuitlib.utils.DISCOVERY_URL_SANDBOX", discovery, raising=False)
    monkeypatch.setattr(
        "intuitlib.utils.DISCOVERY_URL",
        {"sandbox": discovery, "production": discovery},
        raising=False,
    )
    monkeypatch.setattr(QuickBooks, "sandbox_api_url_v3", f"{intuit.url}/v3")
    tokens = intuit.authorize()
    auth = AuthClient(
        client_id=intuit.app.client_id,
        client_secret=intuit.app.client_secret,
        redirect_uri=intuit.app.redirect_uris[0],
        environment="sandbox",
    )
    return QuickBooks(
        auth_client=auth,
        refresh_token=tokens.refresh_token,
        company_id=intuit.realm_id,
        minorversion=75,
    )
