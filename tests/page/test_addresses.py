"""A mistyped address or filter gets an error page in plain words."""

from __future__ import annotations

import re

import pytest

from tests.page.house import Place

MISTYPED = (
    "/activity/bil/pay_1",
    "/activity/bill/pay 1",
    "/activity/bill/" + "x" * 65,
    "/activity/runs/run*",
    "/mapping/vendor",
    "/mapping/vendors/conn 1",
    "/nowhere",
)


@pytest.mark.parametrize("address", MISTYPED)
def test_a_mistyped_address_is_not_found(place: Place, address: str) -> None:
    answer = place.visitor().get(place.page + address)

    assert answer.status_code == 404
    assert "there is nothing at this address" in answer.text
    assert not re.search(r"must|\^|\(vendor\|", answer.text)


@pytest.mark.parametrize("query", ["code=UPPER", "code=" + "x" * 50, "page=0", "page=x"])
def test_a_mistyped_filter_is_told_in_words(place: Place, query: str) -> None:
    answer = place.visitor().get(f"{place.page}/issues?{query}")

    assert answer.status_code == 422
    assert len(re.findall("must be ", answer.text)) == 1
    assert re.search(r"(code|page) must be ", answer.text)
    assert "^" not in answer.text
