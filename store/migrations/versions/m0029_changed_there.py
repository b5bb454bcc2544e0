"""When the text of a published post was seen to be another on its platform.

Expand: a new column that may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_changed_there"
down_revision = "0028_videos"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("changed_there_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("post", "changed_there_at")
