"""What a post reads on its platform, where that is another text than was sent.

Expand: a new table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0055_changed_texts"
down_revision = "0054_click_batches"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "changed_text",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.String(), nullable=False),
        sa.Column("there", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_changed_text_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_changed_text")),
    )


def downgrade() -> None:
    op.drop_table("changed_text")
