"""Evergreens, and which of their cycles a post is.

Expand: a new table and two columns that may be empty; the last release leaves them alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_evergreens"
down_revision = "0014_labels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "evergreen",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("channel_id", number, nullable=False),
        sa.Column("variants", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("next_variant", sa.Integer(), nullable=False),
        sa.Column("cycles", sa.Integer(), nullable=False),
        sa.Column("cooldown_days", sa.Integer(), nullable=False),
        sa.Column("max_cycles", sa.Integer(), nullable=True),
        sa.Column("season_from", sa.String(length=5), nullable=True),
        sa.Column("season_to", sa.String(length=5), nullable=True),
        sa.Column("last_day", sa.String(length=10), nullable=True),
        sa.Column("fill_days", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", number, nullable=True),
        sa.CheckConstraint("cooldown_days >= 1", name=op.f("ck_evergreen_cooldown")),
        sa.CheckConstraint("fill_days >= 1", name=op.f("ck_evergreen_fill_days")),
        sa.CheckConstraint("max_cycles IS NULL OR max_cycles >= 1", name=op.f("ck_evergreen_max_cycles")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_evergreen_channel_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_evergreen_created_by")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_evergreen_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evergreen")),
    )
    op.create_index("ix_evergreen_channel_id", "evergreen", ["channel_id"])
    op.create_index("ix_evergreen_workspace_id", "evergreen", ["workspace_id"])
    is_due = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_evergreen_due", "evergreen", ["next_at"], sqlite_where=is_due, postgresql_where=is_due
    )
    op.add_column("post", sa.Column("evergreen_id", number, nullable=True))
    op.add_column("post", sa.Column("evergreen_cycle", sa.Integer(), nullable=True))
    op.create_index("ix_post_evergreen_cycle", "post", ["evergreen_id", "evergreen_cycle"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_post_evergreen_cycle", table_name="post")
    for name in ("evergreen_cycle", "evergreen_id"):
        op.drop_column("post", name)
    op.drop_table("evergreen")
