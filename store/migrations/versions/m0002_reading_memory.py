"""Remember the last document of a feed, and where shortened links led.

Expand step: workers of the release before ignore both tables and the column.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_reading_memory"
down_revision = "0001_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_memory",
        sa.Column("feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("memory", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_memory_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_feed_memory")),
    )
    op.create_table(
        "followed_link",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_followed_link")),
    )
    op.create_index(op.f("ix_followed_link_at"), "followed_link", ["at"])
    with op.batch_alter_table("feed") as feed:
        feed.add_column(sa.Column("takes_deltas", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("feed") as feed:
        feed.drop_column("takes_deltas")
    op.drop_index(op.f("ix_followed_link_at"), table_name="followed_link")
    op.drop_table("followed_link")
    op.drop_table("feed_memory")
