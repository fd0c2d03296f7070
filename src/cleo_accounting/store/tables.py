"""All database tables, with constraints that forbid every state that must never occur."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cleo_accounting.core.kinds import DOCUMENTS
from cleo_accounting.store.moment import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_DOCUMENTS = "({})".format(", ".join(f"'{kind}'" for kind in DOCUMENTS))


def _where(condition: str) -> dict[str, Any]:
    """Return the arguments of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _at_most_one(condition: str) -> dict[str, Any]:
    """Return the arguments of a unique partial index."""
    return {"unique": True, **_where(condition)}


def _integration() -> Column[str]:
    return Column("integration_id", String(40), ForeignKey("integrations.id"), nullable=False)


records = Table(
    "records",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("business_id", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("id", String(64), nullable=False),
    Column("connection_id", String(64)),  # payables
    Column("role", String(10)),  # payables
    Column("status", String(20)),
    Column("label", Text, nullable=False, server_default=""),  # a name or number, for people
    # A name or a number as QuickBooks compares them; empty for records found by id only.
    Column("label_key", Text, nullable=False, server_default=""),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("body", Text, nullable=False),  # the record, as canonical JSON
    Column("fingerprint", String(64), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("received_at", Moment, nullable=False),
    UniqueConstraint("business_id", "kind", "id"),
    Index(None, "business_id", "kind", "position"),
    Index(None, "business_id", "kind", "connection_id", "role"),
    Index(None, "business_id", "kind", "role"),
    Index("names", "business_id", "kind", "id", "label", **_where("connection_id is null")),
    Index("statuses", "business_id", "kind", "status"),
    Index("label_keys", "business_id", "kind", "label_key", **_where("label_key <> ''")),
    sqlite_autoincrement=True,
)

payment_parts = Table(  # the payables that a payment names
    "payment_parts",
    metadata,
    Column("business_id", String(64), primary_key=True),
    Column("payable_id", String(64), primary_key=True),
    Column("payment_id", String(64), primary_key=True),
    Index(None, "business_id", "payment_id"),
)

ignored_fields = Table(
    "ignored_fields",
    metadata,
    Column("business_id", String(64), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("field", String(100), primary_key=True),  # of the platform's JSON, ignored by us
    Column("number", BigInteger, nullable=False),  # how many records had it
    Column("seen_at", Moment, nullable=False),
)

# The decisions of people about documents of files, which have no ids: see core.identity.
identities = Table(
    "identities",
    metadata,
    Column("business_id", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),  # the hash of vendor and number
    Column("day", String(10), primary_key=True),  # a former date of a document, or empty
    Column("word", String(10), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", Moment, nullable=False),
)

integrations = Table(
    "integrations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("business_id", String(64), nullable=False),
    Column("provider", String(20), nullable=False),
    Column("company_id", String(40), nullable=False),
    Column("company_name", Text, nullable=False),
    Column("status", String(20), nullable=False),  # connected · needs_reconnect · disconnected
    Column("status_reason", String(40)),
    Column("profile", JSON, nullable=False),
    Column("fields", JSON, nullable=False),  # invoice fields
    Column("fields_version", Integer, nullable=False, server_default="1"),
    Column("grant_sealed", Text),
    Column("grant_version", Integer, nullable=False, server_default="0"),
    Column("grant_expires_at", Moment),
    Column("silent_until", Moment),  # the provider asked us to send no requests
    Column("names_cursor", Moment),  # the name lists are known up to then
    Column("balances_cursor", Moment),  # changes of our documents are known up to then
    Column("connected_at", Moment, nullable=False),
    Column("connected_by", String(120), nullable=False),
    Column("disconnected_at", Moment),
    Column("disconnected_by", String(120)),
    Column("confirmed_at", Moment),  # a person confirmed the company
    Column("confirmed_by", String(120)),
    Column("paused_at", Moment),  # a person paused all writes
    Column("paused_by", String(120)),
    Index(
        "one_live_integration_per_company",
        "provider",
        "company_id",
        **_at_most_one("status <> 'disconnected'"),
    ),
    Index(
        "one_live_integration_per_business",
        "business_id",
        "provider",
        **_at_most_one("status <> 'disconnected'"),
    ),
    CheckConstraint("status in ('connected', 'needs_reconnect', 'disconnected')", name="status"),
)

authorizations = Table(
    "authorizations",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("business_id", String(64), nullable=False),
    Column("user_id", String(120), nullable=False),
    Column("provider", String(20), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("switch_company", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    # The result of the sign-in until a person accepts it; found by a secret of that browser.
    Column("offer_hash", String(64), unique=True),
    Column("offer_sealed", Text),
)

links = Table(
    "links",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    _integration(),
    Column("kind", String(20), nullable=False),  # the kind of the remote
    Column("record_id", String(64), nullable=False),
    Column("remote_id", String(40), nullable=False),
    Column("remote_name", Text, nullable=False, server_default=""),
    Column("version", String(20), nullable=False),
    Column("origin", String(10), nullable=False),
    Column("fingerprint", String(64)),
    Column("written", Text),  # what we last wrote, canonical JSON: the base of a comparison
    Column("answered", Text),  # the remote after our write, canonical JSON
    Column("gone", Boolean, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("integration_id", "kind", "record_id"),
    Index(
        "one_record_per_document",
        "integration_id",
        "kind",
        "remote_id",
        **_at_most_one(f"kind in {_DOCUMENTS}"),
    ),
    Index(
        "shared_only_by_hand",
        "integration_id",
        "kind",
        "remote_id",
        **_at_most_one("origin <> 'mapped'"),
    ),
    sqlite_autoincrement=True,
)

remotes = Table(
    "remotes",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    _integration(),
    Column("kind", String(20), nullable=False),
    Column("remote_id", String(40), nullable=False),
    Column("version", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # as QuickBooks compares names
    Column("active", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("details", JSON, nullable=False),
    Column("seen_at", Moment, nullable=False),
    UniqueConstraint("integration_id", "kind", "remote_id"),
    Index(None, "integration_id", "kind", "name_key"),
    Index("as_of", "integration_id", "kind", "gone", "seen_at"),
    sqlite_autoincrement=True,
)

balances = Table(  # of linked documents: see core.balance
    "balances",
    metadata,
    Column("integration_id", String(40), ForeignKey("integrations.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("remote_id", String(40), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("number", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("total_minor", BigInteger),
    Column("open_minor", BigInteger),
    Column("payments", JSON, nullable=False),  # ids in QuickBooks
)

runs = Table(
    "runs",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    _integration(),
    Column("business_id", String(64), nullable=False),
    Column("entity_types", JSON, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("trigger", String(20), nullable=False),
    Column("retry_of", String(40)),  # retries the failures of that run
    Column("retry_item", Integer),  # restricts the retry to this operation
    Column("retry_code", String(40)),  # restricts the retry to this cause
    Column("asked_by", String(120), nullable=False),
    Column("state", String(20), nullable=False),
    Column("cancel", Boolean, nullable=False, server_default=text("false")),
    Column("fence", Integer, nullable=False, server_default="0"),  # grows with every takeover
    Column("waiting_until", Moment),
    Column("waiting_since", Moment),  # reset when a step succeeds again
    Column("parked", Boolean, nullable=False, server_default=text("false")),  # no worker drives it
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("code", String(40)),  # why the whole run failed
    Column("message", Text),
    Column("usage", JSON, nullable=False),
    Index("one_working_run", "integration_id", **_at_most_one("state in ('running', 'waiting')")),
    Index("one_waiting_run", "integration_id", "dry_run", **_at_most_one("state = 'queued'")),
    Index(None, "integration_id", "position"),
    CheckConstraint(
        "state in ('queued', 'running', 'waiting', 'succeeded', 'partly_failed', 'failed',"
        " 'cancelled')",
        name="state",
    ),
    sqlite_autoincrement=True,
)

stages = Table(
    "stages",
    metadata,
    Column("run_id", String(40), ForeignKey("runs.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("planned", Boolean, nullable=False),
    Column("unchanged", Integer, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(40), ForeignKey("runs.id"), nullable=False),
    _integration(),
    Column("kind", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("record_id", String(64), nullable=False),
    Column("label", Text, nullable=False),
    Column("action", String(10), nullable=False),  # create · update · link · remove · leave
    Column("state", String(10), nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("payload", Text),  # the request body, frozen at planning
    Column("content", Text),  # its content, canonical JSON; becomes the link's `written`
    Column("fingerprint", String(64)),
    Column("remote_id", String(40)),
    Column("remote_name", Text),
    Column("version", String(20)),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("batch_key", String(36)),
    Column("batch_size", Integer),  # how many were sent together with that key
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Moment),
    Column("settled_at", Moment),
    Column("code", String(40)),
    Column("facts", JSON),
    Column("provider_code", String(20)),
    Column("tid", String(64)),
    UniqueConstraint("run_id", "kind", "position"),
    UniqueConstraint("run_id", "kind", "record_id"),
    Index(
        "one_live_create_per_record",
        "integration_id",
        "kind",
        "record_id",
        **_at_most_one("action = 'create' and state in ('sent', 'in_doubt')"),
    ),
    Index(None, "run_id", "kind", "state", "position"),
    Index(None, "integration_id", "kind", "record_id", "id"),
    # The next two are covering indexes: counting for a page reads no rows. They include the columns
    # of PostgreSQL's policies, so that they stay covering (migration 0014).
    Index(
        "what_became",
        *"run_id kind action state code currency amount_minor id".split(),
        postgresql_include=["integration_id"],
    ),
    Index(
        "with_a_cause",
        *"run_id kind code state record_id id".split(),
        postgresql_include=["integration_id"],
        **_where("code is not null"),
    ),
    CheckConstraint(
        "state in ('planned', 'waiting', 'sent', 'in_doubt', 'written', 'refused', 'left')",
        name="state",
    ),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _integration(),
    Column("kind", String(20), nullable=False),
    Column("record_id", String(64), nullable=False),
    Column("verdict", String(20), nullable=False),  # create_as · leave_out · keep_theirs · …
    Column("value", Text),
    Column("by", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "integration_id", "kind", "record_id"),
    sqlite_autoincrement=True,
)

errands = Table(
    "errands",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _integration(),
    Column("verb", String(20), nullable=False),  # look · reconcile · revoke · reseal
    Column("state", String(10), nullable=False),  # waiting · done · given_up
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("usage", JSON),  # its requests to the accounting product
    Index("one_waiting_errand", "integration_id", "verb", **_at_most_one("state = 'waiting'")),
    sqlite_autoincrement=True,
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("integration_id", String(40), ForeignKey("integrations.id"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("body", Text, nullable=False),  # the results by kind, JSON
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("business_id", String(64)),  # null: the platform
    Column("role", String(20), nullable=False),
    Column("name", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    CheckConstraint("role in ('viewer', 'bookkeeper', 'admin', 'feeder', 'platform')", name="role"),
    Index("tokens_by_business", "business_id", "expires_at"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("link_hash", String(64), nullable=False, unique=True),
    Column("link_expires_at", Moment, nullable=False),
    Column("cookie_hash", String(64), unique=True),  # null: the link was not used
    Column("business_id", String(64), nullable=False),
    Column("user_id", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),  # the last use, to the minute
    Column("expires_at", Moment, nullable=False),
    Index(None, "business_id", "user_id"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("business_id", String(64), primary_key=True),
    Column("user_id", String(120), primary_key=True),
    Column("route", String(160), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("location", Text),
    Column("answer", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("business_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),  # its position in the business's chain
    Column("at", Moment, nullable=False),
    Column("by", String(120), nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("facts", Text, nullable=False),  # canonical JSON
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("key_id", String(8)),  # the signing key; null: from before chains were signed
    UniqueConstraint("business_id", "number"),
    Index(None, "business_id", "subject"),
    sqlite_autoincrement=True,
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

# Counters of rate limits; unlogged on PostgreSQL, because a crash may lose them.
rates = Table(
    "rates",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("ends_at", Moment, nullable=False),  # the end of its window
    Index(None, "ends_at"),
)

# Requests of all processes to a company's books, counted against its limits.
requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("company_id", String(40), nullable=False),
    Column("batch", Boolean, nullable=False),
    Column("ends_at", Moment, nullable=False),  # its latest possible end, or its actual end
    Column("over", Boolean, nullable=False),
    Column("holder", String(64)),  # the sending worker; on SQLite null: any process
    Index(None, "company_id", "ends_at"),
)
