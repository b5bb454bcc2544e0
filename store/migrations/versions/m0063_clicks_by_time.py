"""Find the clicks of a moment, such as the quarter of an hour that is not over, without going through all.

Expand: an index; the last release leaves it alone.
"""

from alembic import op

revision = "0063_clicks_by_time"
down_revision = "0061_standing_readings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_click_at", "click", ["at"])


def downgrade() -> None:
    op.drop_index("ix_click_at", "click")
