"""Store the open balances of our documents in QuickBooks, and the payables that payments name."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_AT_ONCE = 5000
_BUSINESS = "current_setting('cleo.business', true)"
_INTEGRATIONS = "current_setting('cleo.integrations', true)"
_EVERY = f"{_BUSINESS} = '*'"
_POLICIES = {  # as in migration 0014
    "payment_parts": f"business_id = {_BUSINESS} or {_EVERY}",
    "balances": (
        f"integration_id = {_INTEGRATIONS}"
        f" or integration_id = any(string_to_array({_INTEGRATIONS}, ',')) or {_EVERY}"
    ),
}


def upgrade() -> None:
    op.create_table(
        "payment_parts",
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("payable_id", sa.String(length=64), nullable=False),
        sa.Column("payment_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "business_id", "payable_id", "payment_id", name=op.f("pk_payment_parts")
        ),
    )
    op.create_index(
        op.f("ix_payment_parts_business_id_payment_id"),
        "payment_parts",
        ["business_id", "payment_id"],
    )
    op.create_table(
        "balances",
        sa.Column("integration_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("remote_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("open_minor", sa.BigInteger(), nullable=True),
        sa.Column("payments", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"],
            ["integrations.id"],
            name=op.f("fk_balances_integration_id"),
        ),
        sa.PrimaryKeyConstraint("integration_id", "kind", "remote_id", name=op.f("pk_balances")),
    )
    op.add_column(
        "integrations", sa.Column("balances_cursor", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index("statuses", "records", ["business_id", "kind", "status"])
    _fill()
    if op.get_bind().dialect.name == "postgresql":
        for table, mine in _POLICIES.items():
            op.execute(f"alter table {table} enable row level security")
            op.execute(f"alter table {table} force row level security")
            op.execute(f"create policy one_business on {table} using ({mine})")


def _fill() -> None:
    """Store which payables the existing payments name."""
    connection, after = op.get_bind(), 0
    chosen = sa.text(
        "select position, business_id, id, body from records where position > :after"
        " and kind = 'payment' order by position limit :most"
    )
    put = sa.text("insert into payment_parts values (:business_id, :payable_id, :payment_id)")
    while rows := connection.execute(chosen, {"after": after, "most": _AT_ONCE}).all():
        after = rows[-1].position
        parts = [
            {"business_id": row.business_id, "payable_id": payable_id, "payment_id": row.id}
            for row in rows
            for payable_id in _paid(json.loads(row.body))
        ]
        if parts:
            connection.execute(put, parts)


def _paid(body: dict[str, Any]) -> list[str]:
    parts = [*body.get("parts", ()), *body.get("credits", ())]
    return sorted({body.get("payable_id"), *(part["payable_id"] for part in parts)} - {None})


def downgrade() -> None:
    op.drop_index("statuses", table_name="records")
    with op.batch_alter_table("integrations") as batch:
        batch.drop_column("balances_cursor")
    op.drop_table("balances")
    op.drop_table("payment_parts")
