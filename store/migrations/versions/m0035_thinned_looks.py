"""Checkpoints at which a post was not read, because a budget or a cap did not allow every look.

Expand: a new column that may be empty.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035_thinned_looks"
down_revision = "0034_native_posts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("measurement", sa.Column("thinned", kind, nullable=True))


def downgrade() -> None:
    op.drop_column("measurement", "thinned")
