"""What a platform has promised of a post's numbers and not counted yet.

Expand: a new column that may be empty.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_not_yet"
down_revision = "0026_spending"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("measurement", sa.Column("not_yet", kind, nullable=True))


def downgrade() -> None:
    op.drop_column("measurement", "not_yet")
