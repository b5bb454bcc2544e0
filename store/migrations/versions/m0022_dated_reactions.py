"""Reactions with their times, from which the hours of an audience are learned.

Expand: a table that older workers do not know.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022_dated_reactions"
down_revision = "0020_workspace_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "dated_reaction",
        sa.Column("id", number, nullable=False),
        sa.Column("post_id", number, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_dated_reaction_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dated_reaction")),
        sa.UniqueConstraint("post_id", "key", name=op.f("uq_dated_reaction_post_id_key")),
    )


def downgrade() -> None:
    op.drop_table("dated_reaction")
