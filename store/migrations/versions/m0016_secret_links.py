"""Links for reviewers without account, addresses of calendar feeds, and posts that need an approval.

Expand: new tables and a column with a default; the last release leaves them alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_secret_links"
down_revision = "0015_evergreens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "review_link",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", number, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_review_link_created_by")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_review_link_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_review_link_token_hash")),
    )
    op.create_index("ix_review_link_workspace_id", "review_link", ["workspace_id"])
    op.create_table(
        "reviewed_post",
        sa.Column("link_id", number, nullable=False),
        sa.Column("post_id", number, nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer", sa.String(length=80), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("payload_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("decision IN ('approved', 'rejected')", name=op.f("ck_reviewed_post_decision")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_reviewed_post_decided")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["review_link.id"], name=op.f("fk_reviewed_post_link_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_reviewed_post_post_id")),
        sa.PrimaryKeyConstraint("link_id", "post_id", name=op.f("pk_reviewed_post")),
    )
    op.create_index("ix_reviewed_post_post_id", "reviewed_post", ["post_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("channel_id", number, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", number, nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_calendar_feed_channel_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_calendar_feed_created_by")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_calendar_feed_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index("ix_calendar_feed_workspace_id", "calendar_feed", ["workspace_id"])
    op.add_column(
        "post", sa.Column("needs_approval", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("post", "needs_approval")
    for name in ("calendar_feed", "reviewed_post", "review_link"):
        op.drop_table(name)
