"""What was learned of each channel's week.

Expand: a new table; the last release leaves it alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_slot_weeks"
down_revision = "0010_past_posts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "slot_week",
        sa.Column("channel_id", number, nullable=False),
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("week", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_slot_week_channel_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_slot_week_workspace_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_slot_week")),
    )
    op.create_index("ix_slot_week_workspace_id", "slot_week", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("slot_week")
