"""What all tables share: names of constraints, types, ids, and the columns of due rows."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

from domain.ids import new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values; always comes back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants are stored in UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Id(TypeDecorator[int]):
    """A 64-bit id; on SQLite an INTEGER, which as primary key costs no second index."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class Json(TypeDecorator[Any]):
    """JSON text on SQLite, JSONB on PostgreSQL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = JSONB(none_as_null=True) if dialect.name == "postgresql" else JSON(none_as_null=True)
        return dialect.type_descriptor(kind)


class Row(SQLModel):
    """A row with an id of its own."""

    id: int = Field(default_factory=new_id, sa_type=Id, primary_key=True)


class Due(Row):
    """A row that a machine must look at again at some time."""

    #: When some worker must look at this row next (UTC); NULL: never by itself.
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    #: Fencing number; each claim raises it, and only its holder may write.
    claim: int = Field(default=0, sa_type=BigInteger)


class Owned(SQLModel):
    """Columns of a row that belongs to one workspace."""

    workspace_id: int = Field(foreign_key="workspace.id", sa_type=Id, index=True)


def due_index(table: str) -> Index:
    """The index behind the claim: only rows that are due at some time."""
    condition = text("next_at IS NOT NULL")
    return Index(f"ix_{table}_due", "next_at", sqlite_where=condition, postgresql_where=condition)


#: Short machine words such as states and kinds: plain strings, checked by the code that writes them.
Word = String(32)
