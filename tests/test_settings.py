"""Every setting can be set by value or by file; errors name the setting, never its value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from cleo_accounting import bootstrap
from cleo_accounting.errors import Misconfigured
from cleo_accounting.settings import Settings, names, read

SECRET = "hunter2-top-secret"


KEYS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
LISTS = ("CLEO_REDIRECT_URIS", "CLEO_EMBED_ORIGINS", "CLEO_ENCRYPTION_KEYS", "CLEO_JWT_ALGORITHMS")
NUMBERS = [name for name, default in names().items() if default.replace(".", "", 1).isdigit()]
# Settings that are valid only together, with a valid value for each.
TOGETHER = {
    "CLEO_JWT_ISSUER": "issuer",
    "CLEO_JWT_AUDIENCE": "audience",
    "CLEO_JWT_JWKS_URL": "https://id.test/jwks",
}
EMULATOR = {
    "CLEO_QUICKBOOKS_API_URL": "http://localhost:9000",
    "CLEO_QUICKBOOKS_DISCOVERY_URL": "http://localhost:9000/.well-known/x",
}
BESIDE = {
    **dict.fromkeys(TOGETHER, TOGETHER),
    **dict.fromkeys(EMULATOR, EMULATOR),
    "CLEO_PACE_REQUESTS_PER_MINUTE": EMULATOR,
    "CLEO_PACE_REQUESTS_PER_SECOND": EMULATOR,
    "CLEO_QUICKBOOKS_APP_URL": EMULATOR,
    "CLEO_QUIESCENCE_SECONDS": EMULATOR,
}


def _path(name: str) -> tuple[str, ...]:
    words = name.removeprefix("CLEO_").lower()
    group, _, rest = words.partition("_")
    return (group, rest) if group in ("quickbooks", "pace", "limit") else (words,)


def _value(settings: Settings, name: str) -> object:
    found: object = settings
    for part in _path(name):
        found = getattr(found, part)
    if isinstance(found, tuple):
        return tuple(map(_plain, found))
    return _plain(found)


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _sample(name: str) -> tuple[str, object]:
    """Return a text other than the setting's default, and the value it is read as."""
    special: dict[str, tuple[str, object]] = {
        "CLEO_REDIRECT_URIS": (
            " https://a.test/x, https://b.test/y ,",
            ("https://a.test/x", "https://b.test/y"),
        ),
        "CLEO_EMBED_ORIGINS": (
            "https://a.test,https://b.test:8443",
            ("https://a.test", "https://b.test:8443"),
        ),
        "CLEO_ENCRYPTION_KEYS": (" one, two ,", ("one", "two")),
        "CLEO_PROXIES": ("10.0.0.0/8, ::1", ("10.0.0.0/8", "::1")),
        "CLEO_AUDIT_KEYS": (" one, two ,", ("one", "two")),
        "CLEO_JWT_ALGORITHMS": ("EdDSA, PS256", ("EdDSA", "PS256")),
        "CLEO_PUBLIC_URL": ("https://a.test/", "https://a.test"),
        "CLEO_AMOUNTS_IN": ("cents", "cents"),
        "CLEO_LOG_LEVEL": ("error", "ERROR"),
        "CLEO_PACE_BATCHES_AT_ONCE": ("7", 7),
    }
    if name in special:
        return special[name]
    if name in {**TOGETHER, **EMULATOR}:
        return {**TOGETHER, **EMULATOR}[name], {**TOGETHER, **EMULATOR}[name]
    if name in NUMBERS:
        return "17", 17
    text = "https://a.test/x" if name.endswith("_URL") else "some text"
    return text, text


def test_the_list_of_settings_is_all_of_them() -> None:
    flat = Settings().model_dump()
    nested = {name: flat.pop(name) for name in ("quickbooks", "pace", "limit")}
    inner = {f"{group}_{name}" for group, of in nested.items() for name in of}

    assert names().keys() == {f"CLEO_{name.upper()}" for name in {*flat, *inner}}


def test_without_any_variable_the_defaults_hold() -> None:
    assert read({}) == Settings()
    assert read({"PATH": "/bin", "HOME": "/", "cleo_log_level": "x"}) == Settings()


@pytest.mark.parametrize("name", names())
def test_every_variable_is_read_and_changes_nothing_else(name: str) -> None:
    text, meant = _sample(name)
    beside = BESIDE.get(name, {})

    settings = read({**beside, name: text})

    assert _value(settings, name) == meant != _value(Settings(), name)
    others = names().keys() - {name, *beside}
    assert all(_value(settings, other) == _value(Settings(), other) for other in others)


@pytest.mark.parametrize("name", names())
def test_every_variable_may_name_a_file(name: str, tmp_path: Path) -> None:
    text, meant = _sample(name)
    file = tmp_path / "value"
    file.write_text(f"{text}\n", encoding="utf-8")
    beside = {other: value for other, value in BESIDE.get(name, {}).items() if other != name}

    assert _value(read({**beside, f"{name}_FILE": str(file)}), name) == meant


def test_all_of_them_may_be_set_at_once() -> None:
    given = {name: _sample(name)[0] for name in names()}

    settings = read(given)

    assert {name: _value(settings, name) for name in names()} == {
        name: _sample(name)[1] for name in names()
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
    with pytest.raises(Misconfigured, match=rf"^{name} must be a .*number above zero") as refusal:
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
        "CLEO_AUDIT_KEYS": SECRET,
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
        ({"CLEO_AUDIT_KEYS": SECRET}, "CLEO_AUDIT_KEYS"),
        ({"CLEO_AUDIT_KEYS": ""}, "CLEO_AUDIT_KEYS"),
        ({"CLEO_DATABASE_URL": f"mysql://cleo:{SECRET}@db/x"}, "CLEO_DATABASE_URL"),
        ({"CLEO_AMOUNTS_IN": SECRET}, "CLEO_AMOUNTS_IN"),
        ({"CLEO_JWT_ISSUER": "https://issuer.test"}, "CLEO_JWT_AUDIENCE"),
        ({"CLEO_JWT_AUDIENCE": SECRET}, "CLEO_JWT_ISSUER"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_house_is_not_built_on_a_setting_that_makes_no_sense(
    given: dict[str, str], named: str, tmp_path: Path
) -> None:
    whole = {
        "CLEO_QUICKBOOKS_CLIENT_ID": "id",
        "CLEO_QUICKBOOKS_CLIENT_SECRET": "secret",
        "CLEO_ENCRYPTION_KEYS": KEYS,
        "CLEO_AUDIT_KEYS": KEYS,
        "CLEO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}",
    }
    if "QUICKBOOKS" in named:
        whole = {name: whole[name] for name in whole if "QUICKBOOKS" not in name}

    with pytest.raises(Misconfigured, match=named) as refusal:
        bootstrap.build(read({**whole, **given}))

    assert SECRET not in str(refusal.value)
