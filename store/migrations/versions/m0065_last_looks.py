"""Standings keep the last looks at their posts.

Expand: a release before neither reads nor writes them. What it marks is made anew from readings; a look that it
adds to a post while a worker of this release adds others may leave columns or sums behind, until they are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0065_last_looks"
down_revision = "0063_clicks_by_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("standing", sa.Column("anew", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("standing", sa.Column("looks", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("standing", "looks")
    op.drop_column("standing", "anew")
