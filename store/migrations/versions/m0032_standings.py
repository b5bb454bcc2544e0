"""How published posts stand, and sums of what happened, beside the readings that they are made from.

Expand: tables that older workers do not know. They are empty at first: a channel's are made from its readings
by the first worker of this release that looks, and until then figures are made from readings as before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032_standings"
down_revision = "0031_kpi_outlook"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    at = sa.DateTime(timezone=True)
    _standing(number)
    op.create_table(
        "standing_part",
        sa.Column("id", number, nullable=False),
        sa.Column("channel_id", number, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("first_at", at, nullable=False),
        sa.Column("last_at", at, nullable=False),
        sa.Column("newest_at", at, nullable=True),
        sa.Column("sources", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_part")),
    )
    op.create_index("ix_standing_part_channel_id", "standing_part", ["channel_id"])
    op.create_table(
        "standing_column",
        sa.Column("id", number, nullable=False),
        sa.Column("part_id", number, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_column")),
        sa.UniqueConstraint("part_id", "name", name=op.f("uq_standing_column_part_id_name")),
    )
    op.create_table(
        "standing_channel",
        sa.Column("channel_id", number, autoincrement=False, nullable=False),
        sa.Column("layout", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_standing_channel_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_standing_channel")),
    )
    op.create_table(
        "rollup",
        sa.Column("channel_id", number, nullable=False),
        sa.Column("scope_id", number, nullable=False),
        sa.Column("metric", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("total", number, nullable=False),
        sa.Column("slices", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.Column("oldest", at, nullable=False),
        sa.Column("newest", at, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "scope_id", "metric", "day", "source", name=op.f("pk_rollup")),
    )


def _standing(number: sa.types.TypeEngine[int]) -> None:
    op.create_table(
        "standing",
        sa.Column("post_id", number, autoincrement=False, nullable=False),
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("channel_id", number, nullable=False),
        sa.Column("part_id", number, nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("stale", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_standing_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_standing")),
    )
    op.create_index("ix_standing_channel_id", "standing", ["channel_id"])
    stale = sa.text("stale")
    op.create_index(
        "ix_standing_stale", "standing", ["workspace_id"], sqlite_where=stale, postgresql_where=stale
    )


def downgrade() -> None:
    for table in ("rollup", "standing_channel", "standing_column", "standing_part", "standing"):
        op.drop_table(table)
