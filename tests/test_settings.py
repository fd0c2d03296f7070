"""Every setting can be set, by value or by file; what is wrong is named, and no value is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from cleo_accounting import bootstrap
from cleo_accounting.errors import Misconfigured
from cleo_accounting.settings import Settings, names, read

SECRET = "hunter2-top-secret"


def _fields(kind: type, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    hints = get_type_hints(kind)
    for one in dataclasses.fields(kind):
        if dataclasses.is_dataclass(hints[one.name]):
            yield from _fields(hints[one.name], (*path, one.name))
        else:
            yield (*path, one.name), hints[one.name]


FIELDS = {f"CLEO_{'_'.join(path).upper()}": (path, kind) for path, kind in _fields(Settings)}
NUMBERS = [name for name, (_, kind) in FIELDS.items() if kind in (int, float)]


def _value(settings: Settings, path: tuple[str, ...]) -> object:
    found: object = settings
    for name in path:
        found = getattr(found, name)
    return found


def _sample(kind: Any) -> tuple[str, object]:
    """A text that is not the default of any setting, and what it means."""
    if get_origin(kind) is tuple:
        assert get_args(kind)[0] is str
        return " one, two ,", ("one", "two")
    return {int: ("17", 17), float: ("1.5", 1.5), str: ("some text", "some text")}[kind]


def test_the_list_of_settings_is_all_of_them() -> None:
    assert names().keys() == FIELDS.keys()


def test_without_any_variable_the_defaults_hold() -> None:
    assert read({}) == Settings()
    assert read({"PATH": "/bin", "HOME": "/", "cleo_log_level": "x"}) == Settings()


@pytest.mark.parametrize("name", FIELDS)
def test_every_variable_is_read_and_changes_nothing_else(name: str) -> None:
    path, kind = FIELDS[name]
    text, meant = _sample(kind)

    settings = read({name: text})

    assert _value(settings, path) == meant != _value(Settings(), path)
    others = [other for other, _ in FIELDS.values() if other != path]
    assert all(_value(settings, other) == _value(Settings(), other) for other in others)


@pytest.mark.parametrize("name", FIELDS)
def test_every_variable_may_name_a_file(name: str, tmp_path: Path) -> None:
    path, kind = FIELDS[name]
    text, meant = _sample(kind)
    file = tmp_path / "value"
    file.write_text(f"{text}\n", encoding="utf-8")

    assert _value(read({f"{name}_FILE": str(file)}), path) == meant


def test_all_of_them_may_be_set_at_once() -> None:
    given = {name: _sample(kind)[0] for name, (_, kind) in FIELDS.items()}

    settings = read(given)

    assert {name: _value(settings, path) for name, (path, _) in FIELDS.items()} == {
        name: _sample(kind)[1] for name, (_, kind) in FIELDS.items()
    }


@pytest.mark.parametrize(
    "name",
    ["CLEO_", "CLEO_DATABASE", "CLEO_DATABASE_URL_", "CLEO_PACE", "CLEO_FILE", "CLEO_X_FILE"],
)
def test_an_unknown_variable_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(Misconfigured, match=rf"^{name} is not a setting") as refusal:
        read({name: SECRET})

    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", [SECRET, "", "0", "-1", "nan", "inf", "1e999", "1,5"])
def test_a_number_that_is_none_is_refused_without_being_shown(name: str, text: str) -> None:
    with pytest.raises(Misconfigured, match=rf"^{name} must be a .*number above zero$") as refusal:
        read({name: text})

    assert SECRET not in str(refusal.value)


def test_half_a_request_is_none() -> None:
    with pytest.raises(Misconfigured, match="must be a whole number"):
        read({"CLEO_PACE_BATCH_SIZE": "1.5"})


def test_a_setting_is_given_once() -> None:
    both = {"CLEO_DATABASE_URL": SECRET, "CLEO_DATABASE_URL_FILE": "/nowhere"}

    for given in (both, dict(reversed(both.items()))):
        with pytest.raises(Misconfigured, match="CLEO_DATABASE_URL and CLEO_DATABASE_URL_FILE are"):
            read(given)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["not there", "no text"])
def test_a_file_that_cannot_be_read_is_refused_without_showing_where(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / SECRET
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(Misconfigured) as refusal:
        read({"CLEO_ENCRYPTION_KEYS_FILE": str(file)})

    assert str(refusal.value) == "CLEO_ENCRYPTION_KEYS_FILE names a file that cannot be read"
    assert SECRET not in str(refusal.value)


def test_no_secret_shows_in_the_settings_written_out() -> None:
    secrets = {
        "CLEO_DATABASE_URL": f"postgresql://cleo:{SECRET}@db/cleo",
        "CLEO_ENGINE_DATABASE_URL": f"postgresql://cleo:{SECRET}@db/engine",
        "CLEO_ENCRYPTION_KEYS": SECRET,
        "CLEO_QUICKBOOKS_CLIENT_SECRET": SECRET,
    }

    assert SECRET not in repr(read(secrets))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "CLEO_QUICKBOOKS_CLIENT_ID"),
        ({"CLEO_QUICKBOOKS_CLIENT_ID": "id"}, "CLEO_QUICKBOOKS_CLIENT_SECRET"),
        ({"CLEO_ENCRYPTION_KEYS": SECRET}, "CLEO_ENCRYPTION_KEYS"),
        ({"CLEO_ENCRYPTION_KEYS": ""}, "CLEO_ENCRYPTION_KEYS"),
        ({"CLEO_DATABASE_URL": f"mysql://cleo:{SECRET}@db/x"}, "CLEO_DATABASE_URL"),
        ({"CLEO_AMOUNTS_IN": SECRET}, "CLEO_AMOUNTS_IN"),
        ({"CLEO_JWT_ISSUER": "https://issuer.test"}, "CLEO_JWT_AUDIENCE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_house_is_not_built_on_a_setting_that_makes_no_sense(
    given: dict[str, str], named: str, tmp_path: Path
) -> None:
    keys = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    whole = {
        "CLEO_QUICKBOOKS_CLIENT_ID": "id",
        "CLEO_QUICKBOOKS_CLIENT_SECRET": "secret",
        "CLEO_ENCRYPTION_KEYS": keys,
        "CLEO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}",
    }
    if "QUICKBOOKS" in named:
        whole = {name: whole[name] for name in whole if "QUICKBOOKS" not in name}

    with pytest.raises(Misconfigured, match=named) as refusal:
        bootstrap.build(read({**whole, **given}))

    assert SECRET not in str(refusal.value)
