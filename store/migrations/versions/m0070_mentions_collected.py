"""Remember of each channel from when to when its mentions are known.

Expand: nullable columns; the last release leaves them alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0070_mentions_collected"
down_revision = "0069_experiment_draws"
branch_labels = None
depends_on = None

_NAMES = ("mentions_at", "mentions_since", "mentions_until")


def upgrade() -> None:
    with op.batch_alter_table("channel") as table:
        for name in _NAMES:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("channel") as table:
        for name in reversed(_NAMES):
            table.drop_column(name)
