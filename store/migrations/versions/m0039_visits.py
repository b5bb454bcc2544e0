"""Page views of the workspace's sites, the visits they make, and conversions.

Expand: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039_visits"
down_revision = "0038_sites"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "conversion",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("site_id", number, nullable=False),
        sa.Column("key", sa.String(length=140), nullable=False),
        sa.Column("told_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_key", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("order_ref", sa.String(length=100), nullable=True),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("visitor", sa.String(length=40), nullable=True),
        sa.Column("view_key", sa.String(length=32), nullable=True),
        sa.Column("click_key", sa.String(length=32), nullable=True),
        sa.Column("visit_id", number, nullable=True),
        sa.Column("click_id", number, nullable=True),
        sa.Column("click_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("post_id", number, nullable=True),
        sa.Column("channel_id", number, nullable=True),
        sa.Column("route_id", number, nullable=True),
        sa.Column("refund_of", number, nullable=True),
        sa.CheckConstraint("source IN ('script', 'server', 'sheet')", name=op.f("ck_conversion_source")),
        sa.ForeignKeyConstraint(["refund_of"], ["conversion.id"], name=op.f("fk_conversion_refund_of")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_conversion_site_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_conversion_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversion")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_conversion_site_id_key")),
    )
    op.create_index("ix_conversion_at", "conversion", ["workspace_id", "at"])
    op.create_index("ix_conversion_click", "conversion", ["click_key"])
    op.create_index("ix_conversion_order", "conversion", ["site_id", "order_ref"])
    op.create_index("ix_conversion_post", "conversion", ["post_id", "at"])
    op.create_index("ix_conversion_refund", "conversion", ["refund_of"])
    op.create_index("ix_conversion_visit", "conversion", ["visit_id"])
    op.create_index("ix_conversion_visitor", "conversion", ["site_id", "visitor"])
    op.create_index("ix_conversion_workspace_id", "conversion", ["workspace_id"])

    op.create_table(
        "visit",
        sa.Column("id", number, nullable=False),
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("site_id", number, nullable=False),
        sa.Column("visitor", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=500), nullable=False),
        sa.Column("exit", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=253), nullable=False),
        sa.Column("medium", sa.String(length=100), nullable=False),
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("click_id", number, nullable=True),
        sa.Column("post_id", number, nullable=True),
        sa.Column("channel_id", number, nullable=True),
        sa.Column("route_id", number, nullable=True),
        sa.CheckConstraint("kind IN ('click', 'utm', 'referrer', 'direct')", name=op.f("ck_visit_kind")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_visit_site_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_visit_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_began", "visit", ["workspace_id", "began_at"])
    op.create_index("ix_visit_click", "visit", ["click_id"])
    op.create_index("ix_visit_post", "visit", ["post_id", "began_at"])
    op.create_index("ix_visit_visitor", "visit", ["site_id", "visitor", "began_at"])

    op.create_table(
        "web_view",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("site_id", number, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("visitor", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("unfollowed", sa.Boolean(), nullable=False),
        sa.Column("referrer", sa.String(length=253), nullable=False),
        sa.Column("utm_source", sa.String(length=100), nullable=False),
        sa.Column("utm_medium", sa.String(length=100), nullable=False),
        sa.Column("utm_campaign", sa.String(length=100), nullable=False),
        sa.Column("click_key", sa.String(length=32), nullable=True),
        sa.Column("visit_id", number, nullable=True),
        sa.CheckConstraint("audience IN ('human', 'bot', 'unknown')", name=op.f("ck_web_view_audience")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_web_view_site_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_web_view_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_view")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_web_view_site_id_key")),
    )
    op.create_index("ix_web_view_at", "web_view", ["workspace_id", "at"])
    op.create_index("ix_web_view_click", "web_view", ["click_key"])
    op.create_index("ix_web_view_visit_id", "web_view", ["visit_id"])
    op.create_index("ix_web_view_visitor", "web_view", ["site_id", "visitor", "at"])
    op.create_index("ix_web_view_workspace_id", "web_view", ["workspace_id"])


def downgrade() -> None:
    for name in ("web_view", "visit", "conversion"):
        op.drop_table(name)
