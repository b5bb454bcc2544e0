"""Surveys of one question with their answers, and connectors to other analytics tools.

Expand: new tables; the last release leaves them alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041_asking"
down_revision = "0040_brought_in"
branch_labels = None
depends_on = None


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _create(name: str, *rest: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("workspace_id", _number(), nullable=False),
        sa.Column("id", _number(), nullable=False),
        *rest,
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f(f"fk_{name}_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_workspace_id", name, ["workspace_id"])


def _foreign(name: str, column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{name}_{column}"))


def _brought(name: str, *rest: sa.schema.SchemaItem) -> None:
    _create(
        name,
        sa.Column("file_id", _number(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        *rest,
        _foreign(name, "file_id", "imported_file"),
    )
    op.create_index(f"ix_{name}_file_id", name, ["file_id"])
    op.create_index(f"ix_{name}_workspace_at", name, ["workspace_id", "at"])
    current = sa.text("is_current")
    op.create_index(
        f"uq_{name}_current", name, ["workspace_id", "key"], unique=True, sqlite_where=current,
        postgresql_where=current,
    )  # fmt: skip


def upgrade() -> None:
    _create(
        "survey",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('csat', 'nps')", name=op.f("ck_survey_kind")),
        sa.UniqueConstraint("code", name=op.f("uq_survey_code")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_survey_workspace_id_name")),
    )
    _brought(
        "answer",
        sa.Column("survey_id", _number(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('csat', 'nps')", name=op.f("ck_answer_kind")),
        _foreign("answer", "survey_id", "survey"),
    )
    op.create_index("ix_answer_survey_id", "answer", ["survey_id"])
    _create(
        "connector",
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("tool", sa.String(length=16), nullable=False),
        sa.Column("settings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_connector_workspace_id_name")),
    )
    due = sa.text("next_at IS NOT NULL")
    op.create_index("ix_connector_due", "connector", ["next_at"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    for name in ("connector", "answer", "survey"):
        op.drop_table(name)
