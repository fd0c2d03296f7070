"""Add keys of names and numbers, as QuickBooks compares them, and decisions on documents."""

import json

import sqlalchemy as sa
from alembic import op

from cleo_accounting.core.match import name_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_AT_ONCE = 5000
_LABELLED = "label_key <> ''"


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("business_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "key", "day", name=op.f("pk_identities")),
    )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.add_column(sa.Column("label_key", sa.Text(), server_default="", nullable=False))
    _fill()
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.create_index(
            "label_keys",
            ["business_id", "kind", "label_key"],
            unique=False,
            sqlite_where=sa.text(_LABELLED),
            postgresql_where=sa.text(_LABELLED),
        )


def _fill() -> None:
    """Set the keys of existing records; a payable's key is that of its number, if it has one."""
    connection, after = op.get_bind(), 0
    chosen = sa.text(
        "select position, kind, label, body from records where position > :after"
        " and kind in ('connection', 'payable') order by position limit :most"
    )
    while rows := connection.execute(chosen, {"after": after, "most": _AT_ONCE}).all():
        after = rows[-1].position
        keys = [
            {"position": row.position, "key": name_key(row.label)}
            for row in rows
            if row.kind == "connection" or json.loads(row.body).get("number")
        ]
        if keys:
            connection.execute(
                sa.text("update records set label_key = :key where position = :position"), keys
            )


def downgrade() -> None:
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.drop_index("label_keys")
        batch_op.drop_column("label_key")
    op.drop_table("identities")
