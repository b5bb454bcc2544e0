"""Posts that a channel had before Tabuh, from which its week is learned.

Expand: a new table; the last release leaves it alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_past_posts"
down_revision = "0008_rhythm"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "past_post",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("channel_id", number, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("engagement", number, nullable=False),
        sa.Column("reactions", number, nullable=True),
        sa.Column("replies", number, nullable=True),
        sa.Column("shares", number, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("remote", sa.String(length=512), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_past_post_channel_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_past_post_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_post")),
        sa.UniqueConstraint("channel_id", "key", name=op.f("uq_past_post_channel_id_key")),
    )
    op.create_index("ix_past_post_workspace_id", "past_post", ["workspace_id"])
    op.create_index("ix_past_post_channel_at", "past_post", ["channel_id", "at"])


def downgrade() -> None:
    op.drop_table("past_post")
