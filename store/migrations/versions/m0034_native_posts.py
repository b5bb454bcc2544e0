"""Posts that were written on the platform itself, and which channels take them in.

Expand: new columns with a default or empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034_native_posts"
down_revision = "0032_standings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("origin", sa.String(16), nullable=False, server_default="tabuh"))
    op.add_column("channel", sa.Column("native_posts", sa.Boolean(), nullable=True))
    op.add_column("channel", sa.Column("native_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "native_at")
    op.drop_column("channel", "native_posts")
    op.drop_column("post", "origin")
