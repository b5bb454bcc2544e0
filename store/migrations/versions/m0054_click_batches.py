"""Clicks that are kept, and wait to be added to the sums of their posts.

Expand: a new table. A release before adds clicks to the sums itself and writes none of these.
"""

import sqlalchemy as sa
from alembic import op

revision = "0054_click_batches"
down_revision = "0049_stamps"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "click_batch",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_batch")),
    )


def downgrade() -> None:
    op.drop_table("click_batch")
