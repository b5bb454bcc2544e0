"""Stamps by which a process knows whether the columns that it has read are still those of the database.

Expand: new columns; 0 is what was written before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049_stamps"
down_revision = "0048_reports"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("standing_channel", "standing_part"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("stamp", _NUMBER, server_default="0", nullable=False))


def downgrade() -> None:
    for name in ("standing_part", "standing_channel"):
        with op.batch_alter_table(name) as table:
            table.drop_column("stamp")
