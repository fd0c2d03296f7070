"""Check the installation, and report what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from cleo_accounting.errors import AccountingError
from cleo_accounting.flows import House
from cleo_accounting.flows.admin import access, acts
from cleo_accounting.flows.admin.health import ignored_fields
from cleo_accounting.store import integrations, roles, schema
from cleo_accounting.store.views import health

_CLOCKS_APART_MAX = timedelta(seconds=5)
_WAIT_MAX = timedelta(minutes=5)
_FIELDS_SHOWN = 10
_TOKENS_END = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    passed: bool
    said: str


def examine(house: House) -> Iterator[Check]:
    """Run every check that does not need a company's books."""
    tables = _look("tables", _tables, house)
    yield tables
    for name, look in _CHECKS.items():
        if tables.passed or look is _provider:
            yield _look(name, look, house)
        else:
            yield Check(name, passed=False, said="cannot be checked until the tables exist")


def _look(name: str, look: Callable[[House], tuple[bool, str]], house: House) -> Check:
    try:
        passed, said = look(house)
    except AccountingError as error:
        passed, said = False, error.message
    return Check(name, passed, said)


def _clock(house: House) -> tuple[bool, str]:
    with house.database.reading() as tx:
        apart = abs(health.now(tx) - house.clock.now())
    return apart <= _CLOCKS_APART_MAX, f"{apart.total_seconds():.0f} s apart"


def _tables(house: House) -> tuple[bool, str]:
    if not schema.is_current(house.database):
        return False, "the tables are of another version: run “cleo-accounting migrate”"
    differing = schema.differences(house.database)
    if differing:
        return False, f"{len(differing)} differences from this version: restore or repair them"
    return True, "the tables are of this version"


def _keys(house: House) -> tuple[bool, str]:
    """Check that every grant can be decrypted, and that no old key is left to be stolen."""
    with house.database.across.reading() as tx:
        sealed = integrations.with_grants(tx)
    for integration, grant in sealed:
        house.vault.open(grant.text, integration.place)
    said = f"{len(sealed)} grants can be decrypted"
    older = sum(not house.vault.is_newest(grant.text) for _, grant in sealed)
    if older:
        return (
            False,
            f"{said}, {older} of them with an older key: run “cleo-accounting keys reseal”",
        )
    if len(house.vault.ids) > 1:
        return False, f"{said}, but an older key is still set: run “cleo-accounting keys retire”"
    return True, said


def _tokens(house: House) -> tuple[bool, str]:
    """Check that no active token expires soon: its bearer would lose access."""
    ending = access.ending(house, within=_TOKENS_END)
    if not ending:
        return True, "no token expires within a week"
    named = ", ".join(f"{one.id} on {one.expires_at:%Y-%m-%d}" for one in ending[:_FIELDS_SHOWN])
    return False, f"{len(ending)} expire within a week ({named}): issue new ones, then revoke these"


def _provider(house: House) -> tuple[bool, str]:
    house.provider.authorization_url("doctor", house.doorway_url)
    return True, "the sign-in service responds, and names the expected issuer"


def _acts(house: House) -> tuple[bool, str]:
    broken = [name for name, one in acts.verify(house).items() if not one.sound]
    if broken:
        return False, f"changed for {', '.join(broken)}: see “cleo-accounting verify-audit”"
    if house.heads_path is None:
        return True, "intact, but not compared with exported heads: set CLEO_AUDIT_HEADS_PATH"
    if not house.heads_path.exists():
        return False, "the file of CLEO_AUDIT_HEADS_PATH is missing; a worker writes it once a day"
    return True, "intact, and as long as the exported heads say"


def _waiting(house: House) -> tuple[bool, str]:
    with house.database.across.reading() as tx:
        since = [health.oldest_run(tx), health.oldest_errand(tx)]
    oldest = min((one for one in since if one), default=None)
    if oldest is None:
        return True, "nothing waits for a worker"
    waited = house.clock.now() - oldest
    said = f"for {_minutes(waited)}: see that a worker runs (cleo-accounting work)"
    return waited <= _WAIT_MAX, said


def _doubts(house: House) -> tuple[bool, str]:
    with house.database.across.reading() as tx:
        count = health.in_doubt(tx)
    return count == 0, f"{count}" + (": the next sync looks for them" * bool(count))


def _fields(house: House) -> tuple[bool, str]:
    """Report the fields that are not used. That is no failure, but somebody may miss a field."""
    found = ignored_fields(house)
    if not found:
        return True, "every field of the records is used"
    names = [f"{kind}.{field} ({number})" for (kind, field), number in found.items()]
    more = f", and {len(names) - _FIELDS_SHOWN} more" if len(names) > _FIELDS_SHOWN else ""
    return True, f"not used: {', '.join(names[:_FIELDS_SHOWN])}{more}"


def _minutes(waited: timedelta) -> str:
    return f"{int(waited / timedelta(minutes=1))} min"


def _role(house: House) -> tuple[bool, str]:
    """Report the database role. It never fails: we also run without row-level security."""
    if house.database.is_file:
        return True, "none: a SQLite file has no roles"
    if found := roles.trouble(house.database):
        return True, f"{found}, so only the queries keep businesses apart: see docs/deployment.md"
    return True, "may access the rows of one business at a time, and cannot change the audit log"


_CHECKS: Mapping[str, Callable[[House], tuple[bool, str]]] = {
    "clock and database": _clock,
    "database role": _role,
    "encryption keys": _keys,
    "API tokens": _tokens,
    "accounting product": _provider,
    "audit log": _acts,
    "oldest waiting": _waiting,
    "writes in doubt": _doubts,
    "fields of the records": _fields,
}
