"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("business_id", "number", name=op.f("uq_audit_business_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_business_id_subject"), ["business_id", "subject"], unique=False
        )

    op.create_table(
        "authorizations",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=120), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("switch_company", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_authorizations")),
    )
    op.create_table(
        "idempotency",
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=120), nullable=False),
        sa.Column("route", sa.String(length=160), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "business_id", "user_id", "route", "key", name=op.f("pk_idempotency")
        ),
    )
    op.create_table(
        "integrations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("company_id", sa.String(length=40), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("status_reason", sa.String(length=40), nullable=True),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("fields_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("grant_sealed", sa.Text(), nullable=True),
        sa.Column("grant_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("grant_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("names_cursor", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("connected_by", sa.String(length=120), nullable=False),
        sa.Column("disconnected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disconnected_by", sa.String(length=120), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "status in ('connected', 'needs_reconnect', 'disconnected')",
            name=op.f("ck_integrations_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrations")),
    )
    with op.batch_alter_table("integrations", schema=None) as batch_op:
        batch_op.create_index(
            "one_live_integration_per_business",
            ["business_id", "provider"],
            unique=True,
            sqlite_where=sa.text("status <> 'disconnected'"),
            postgresql_where=sa.text("status <> 'disconnected'"),
        )
        batch_op.create_index(
            "one_live_integration_per_company",
            ["provider", "company_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'disconnected'"),
            postgresql_where=sa.text("status <> 'disconnected'"),
        )

    op.create_table(
        "records",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("connection_id", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_records")),
        sa.UniqueConstraint(
            "business_id", "kind", "id", name=op.f("uq_records_business_id_kind_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_records_business_id_kind_connection_id_role"),
            ["business_id", "kind", "connection_id", "role"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_records_business_id_kind_position"),
            ["business_id", "kind", "position"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_records_business_id_kind_role"),
            ["business_id", "kind", "role"],
            unique=False,
        )
        batch_op.create_index(
            "names",
            ["business_id", "kind", "id", "label"],
            unique=False,
            sqlite_where=sa.text("connection_id is null"),
            postgresql_where=sa.text("connection_id is null"),
        )

    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cookie_hash", sa.String(length=64), nullable=True),
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("cookie_hash", name=op.f("uq_sessions_cookie_hash")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_sessions_link_hash")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("business_id", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role in ('viewer', 'bookkeeper', 'admin', 'platform')", name=op.f("ck_tokens_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_decisions_integration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_decisions_integration_id_kind_record_id"),
            ["integration_id", "kind", "record_id"],
            unique=False,
        )

    op.create_table(
        "errands",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_errands_integration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errands")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("errands", schema=None) as batch_op:
        batch_op.create_index(
            "one_waiting_errand",
            ["integration_id", "verb"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "links",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("remote_id", sa.String(length=40), nullable=False),
        sa.Column("remote_name", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("written", sa.Text(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_links_integration_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_links")),
        sa.UniqueConstraint(
            "integration_id",
            "kind",
            "record_id",
            name=op.f("uq_links_integration_id_kind_record_id"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index(
            "one_record_per_document",
            ["integration_id", "kind", "remote_id"],
            unique=True,
            sqlite_where=sa.text("kind in ('bill', 'invoice')"),
            postgresql_where=sa.text("kind in ('bill', 'invoice')"),
        )
        batch_op.create_index(
            "shared_only_by_hand",
            ["integration_id", "kind", "remote_id"],
            unique=True,
            sqlite_where=sa.text("origin <> 'mapped'"),
            postgresql_where=sa.text("origin <> 'mapped'"),
        )

    op.create_table(
        "reconciliations",
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_reconciliations_integration_id")
        ),
        sa.PrimaryKeyConstraint("integration_id", name=op.f("pk_reconciliations")),
    )
    op.create_table(
        "remotes",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("remote_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_remotes_integration_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_remotes")),
        sa.UniqueConstraint(
            "integration_id",
            "kind",
            "remote_id",
            name=op.f("uq_remotes_integration_id_kind_remote_id"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("remotes", schema=None) as batch_op:
        batch_op.create_index("as_of", ["integration_id", "kind", "gone", "seen_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_remotes_integration_id_kind_name_key"),
            ["integration_id", "kind", "name_key"],
            unique=False,
        )

    op.create_table(
        "runs",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("entity_types", sa.JSON(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("trigger", sa.String(length=20), nullable=False),
        sa.Column("retry_of", sa.String(length=40), nullable=True),
        sa.Column("retry_item", sa.Integer(), nullable=True),
        sa.Column("retry_code", sa.String(length=40), nullable=True),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cancel", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waiting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("usage", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'waiting', 'succeeded', 'partly_failed', 'failed', 'cancelled')",
            name=op.f("ck_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_runs_integration_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_runs")),
        sa.UniqueConstraint("id", name=op.f("uq_runs_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_runs_integration_id_position"),
            ["integration_id", "position"],
            unique=False,
        )
        batch_op.create_index(
            "one_waiting_run",
            ["integration_id", "dry_run"],
            unique=True,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(
            "one_working_run",
            ["integration_id"],
            unique=True,
            sqlite_where=sa.text("state in ('running', 'waiting')"),
            postgresql_where=sa.text("state in ('running', 'waiting')"),
        )

    op.create_table(
        "operations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("remote_id", sa.String(length=40), nullable=True),
        sa.Column("remote_name", sa.Text(), nullable=True),
        sa.Column("version", sa.String(length=20), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("batch_key", sa.String(length=36), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("provider_code", sa.String(length=20), nullable=True),
        sa.Column("tid", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state in ('planned', 'waiting', 'sent', 'in_doubt', 'written', 'refused', 'left')",
            name=op.f("ck_operations_state"),
        ),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_operations_integration_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_operations_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        sa.UniqueConstraint(
            "run_id", "kind", "position", name=op.f("uq_operations_run_id_kind_position")
        ),
        sa.UniqueConstraint(
            "run_id", "kind", "record_id", name=op.f("uq_operations_run_id_kind_record_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_operations_integration_id_kind_record_id_id"),
            ["integration_id", "kind", "record_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_operations_run_id_kind_state_position"),
            ["run_id", "kind", "state", "position"],
            unique=False,
        )
        batch_op.create_index(
            "one_live_create_per_record",
            ["integration_id", "kind", "record_id"],
            unique=True,
            sqlite_where=sa.text("action = 'create' and state in ('sent', 'in_doubt')"),
            postgresql_where=sa.text("action = 'create' and state in ('sent', 'in_doubt')"),
        )
        batch_op.create_index(
            "what_became",
            ["run_id", "kind", "action", "state", "code", "currency", "amount_minor", "id"],
            unique=False,
        )
        batch_op.create_index(
            "with_a_cause",
            ["run_id", "kind", "code", "state", "record_id", "id"],
            unique=False,
            sqlite_where=sa.text("code is not null"),
            postgresql_where=sa.text("code is not null"),
        )

    op.create_table(
        "stages",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_stages_run_id")),
        sa.PrimaryKeyConstraint("run_id", "kind", name=op.f("pk_stages")),
    )


def downgrade() -> None:
    op.drop_table("stages")
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index(
            "with_a_cause",
            sqlite_where=sa.text("code is not null"),
            postgresql_where=sa.text("code is not null"),
        )
        batch_op.drop_index("what_became")
        batch_op.drop_index(
            "one_live_create_per_record",
            sqlite_where=sa.text("action = 'create' and state in ('sent', 'in_doubt')"),
            postgresql_where=sa.text("action = 'create' and state in ('sent', 'in_doubt')"),
        )
        batch_op.drop_index(batch_op.f("ix_operations_run_id_kind_state_position"))
        batch_op.drop_index(batch_op.f("ix_operations_integration_id_kind_record_id_id"))

    op.drop_table("operations")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(
            "one_working_run",
            sqlite_where=sa.text("state in ('running', 'waiting')"),
            postgresql_where=sa.text("state in ('running', 'waiting')"),
        )
        batch_op.drop_index(
            "one_waiting_run",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.drop_index(batch_op.f("ix_runs_integration_id_position"))

    op.drop_table("runs")
    with op.batch_alter_table("remotes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_remotes_integration_id_kind_name_key"))
        batch_op.drop_index("as_of")

    op.drop_table("remotes")
    op.drop_table("reconciliations")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index(
            "shared_only_by_hand",
            sqlite_where=sa.text("origin <> 'mapped'"),
            postgresql_where=sa.text("origin <> 'mapped'"),
        )
        batch_op.drop_index(
            "one_record_per_document",
            sqlite_where=sa.text("kind in ('bill', 'invoice')"),
            postgresql_where=sa.text("kind in ('bill', 'invoice')"),
        )

    op.drop_table("links")
    with op.batch_alter_table("errands", schema=None) as batch_op:
        batch_op.drop_index(
            "one_waiting_errand",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("errands")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_integration_id_kind_record_id"))

    op.drop_table("decisions")
    op.drop_table("workers")
    op.drop_table("tokens")
    op.drop_table("sessions")
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.drop_index(
            "names",
            sqlite_where=sa.text("connection_id is null"),
            postgresql_where=sa.text("connection_id is null"),
        )
        batch_op.drop_index(batch_op.f("ix_records_business_id_kind_role"))
        batch_op.drop_index(batch_op.f("ix_records_business_id_kind_position"))
        batch_op.drop_index(batch_op.f("ix_records_business_id_kind_connection_id_role"))

    op.drop_table("records")
    with op.batch_alter_table("integrations", schema=None) as batch_op:
        batch_op.drop_index(
            "one_live_integration_per_company",
            sqlite_where=sa.text("status <> 'disconnected'"),
            postgresql_where=sa.text("status <> 'disconnected'"),
        )
        batch_op.drop_index(
            "one_live_integration_per_business",
            sqlite_where=sa.text("status <> 'disconnected'"),
            postgresql_where=sa.text("status <> 'disconnected'"),
        )

    op.drop_table("integrations")
    op.drop_table("idempotency")
    op.drop_table("authorizations")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_business_id_subject"))

    op.drop_table("audit")
