"""Campaign and tags of a post, and the row of a sheet that it was made from.

Expand: new columns that may be empty, and two indexes; the last release leaves them alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_labels"
down_revision = "0013_post_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("campaign", sa.String(length=80), nullable=True))
    op.add_column(
        "post", sa.Column("tags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
    )
    op.add_column("post", sa.Column("sheet_key", sa.String(length=64), nullable=True))
    op.create_index("ix_post_workspace_campaign", "post", ["workspace_id", "campaign"])
    op.create_index("ix_post_workspace_sheet_key", "post", ["workspace_id", "sheet_key"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_post_workspace_sheet_key", table_name="post")
    op.drop_index("ix_post_workspace_campaign", table_name="post")
    for name in ("sheet_key", "tags", "campaign"):
        op.drop_column("post", name)
