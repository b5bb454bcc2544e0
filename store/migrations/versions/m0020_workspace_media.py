"""Which files a workspace has added.

Expand: a table and an index that older workers do not know.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_workspace_media"
down_revision = "0016_secret_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workspace_media",
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["media.sha256"], name=op.f("fk_workspace_media_sha256")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_workspace_media_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "sha256", name=op.f("pk_workspace_media")),
    )
    op.create_index("ix_post_media_sha256", "post_media", ["sha256"])


def downgrade() -> None:
    op.drop_index("ix_post_media_sha256", table_name="post_media")
    op.drop_table("workspace_media")
