"""The environment that Alembic runs: our tables, on the connection from `store.schema`."""

from typing import Literal

from alembic import context

from cleo_accounting.store.moment import Moment
from cleo_accounting.store.tables import metadata


def render(kind: str, item: object, _: object) -> str | Literal[False]:
    """Render a `Moment` as SQLAlchemy's own type, so that migrations do not import our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite cannot alter in place
    version_table="schema_version",
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
