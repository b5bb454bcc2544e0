"""What the last test of a channel told, and until when its access lasts.

Expand: two columns that may be NULL.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025_channel_access"
down_revision = "0024_connecting"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("test_error", sa.String(), nullable=True))
    op.add_column("channel", sa.Column("access_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "access_until")
    op.drop_column("channel", "test_error")
