"""How Alembic reaches the database: always through the connection it is handed."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from store.tables import METADATA
from store.tables.base import Id, Json, UtcDateTime


def render_item(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as plain SQLAlchemy, so that a migration never imports the tables."""
    if kind != "type":
        return False
    match thing:
        case UtcDateTime():
            return "sa.DateTime(timezone=True)"
        case Id():
            return "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')"
        case Json():
            autogen.imports.add("from sqlalchemy.dialects import postgresql")
            return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
        case AutoString():
            return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    return False


def run() -> None:
    """Migrate, or compare, on the connection in the configuration's attributes."""
    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
        render_item=render_item,
        # SQLite has no lock to wait for outside of a transaction: there, all of it is one, which begins before
        # the present revision is read. Alembic takes SQLite's DDL for untransactional unless it is told.
        transactional_ddl=True,
        transaction_per_migration=connection.dialect.name != "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
