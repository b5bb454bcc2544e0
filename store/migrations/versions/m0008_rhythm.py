"""Keep a feed's rhythm on its row, so that a poll without news reads no entries.

Expand step: workers of the release before ignore both columns.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_rhythm"
down_revision = "0007_route_pace"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feed") as feed:
        integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        feed.add_column(sa.Column("median_gap", integer, nullable=True))
        feed.add_column(sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("feed") as feed:
        feed.drop_column("newest_at")
        feed.drop_column("median_gap")
