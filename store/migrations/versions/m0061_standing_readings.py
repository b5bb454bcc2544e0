"""What a period that has ended is told from: all readings of a post in one run of bytes.

Expand: a new table; the last release leaves it alone. Columns are written anew once, and these with them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061_standing_readings"
down_revision = "0060_benchmarks"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "standing_readings",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_standing_readings_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_standing_readings")),
    )


def downgrade() -> None:
    op.drop_table("standing_readings")
