"""Smaller keys, texts that can be purged, and why a feed asks.

Expand step: the columns are new, and workers of the release before only lose an index on the keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_identity"
down_revision = "0002_reading_memory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_entry_key_entry_id"), table_name="entry_key")
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("feed") as feed:
        feed.add_column(sa.Column("asks_because", sa.String(), nullable=True))
        feed.add_column(sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("feed") as feed:
        feed.drop_column("released_at")
        feed.drop_column("asks_because")
    with op.batch_alter_table("entry") as entry:
        entry.drop_column("purged_at")
    op.create_index(op.f("ix_entry_key_entry_id"), "entry_key", ["entry_id"])
