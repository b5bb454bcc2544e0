"""What others reach: imported figures of the industry.

Expand: a new table; the last release leaves it alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0060_benchmarks"
down_revision = "0059_guide_readers"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "benchmark",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("file_id", _NUMBER, nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("read_at", _TIME, nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("industry", sa.String(length=80), nullable=False),
        sa.Column("segment", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("median", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("link", sa.String(length=2048), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["imported_file.id"], name=op.f("fk_benchmark_file_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_benchmark_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark")),
    )
    op.create_index("ix_benchmark_workspace_id", "benchmark", ["workspace_id"])
    op.create_index("ix_benchmark_file_id", "benchmark", ["file_id"])
    op.create_index("ix_benchmark_workspace_at", "benchmark", ["workspace_id", "at"])
    current = sa.text("is_current")
    op.create_index(
        "uq_benchmark_current", "benchmark", ["workspace_id", "key"], unique=True, sqlite_where=current,
        postgresql_where=current,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("benchmark")
