"""Videos: how long they are, and where PostgreSQL keeps them in pieces.

Expand: a new column that may be empty, and a table that older workers do not know.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028_videos"
down_revision = "0027_not_yet"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("media", sa.Column("duration_ms", sa.Integer(), nullable=True))
    op.create_table(
        "media_piece",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "number", name=op.f("pk_media_piece")),
    )


def downgrade() -> None:
    op.drop_table("media_piece")
    op.drop_column("media", "duration_ms")
