"""Posts whose columns are written wait in a table until they are compared with those around them.

Expand: a release before compares them in memory, and neither writes nor reads the rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0076_uncompared"
down_revision = "0070_mentions_collected"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "standing_uncompared",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("channel_id", _NUMBER, nullable=False),
        sa.Column("posts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_uncompared")),
    )


def downgrade() -> None:
    op.drop_table("standing_uncompared")
