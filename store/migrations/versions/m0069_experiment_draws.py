"""When the hour of an experiment's post was drawn by lot.

Expand: a new column; the last release leaves it alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0069_experiment_draws"
down_revision = "0068_experiments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiment_post", sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("experiment_post") as table:
        table.drop_column("drawn_at")
