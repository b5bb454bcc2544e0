"""The workspace's own sites, whose visits are counted.

Expand: a new table.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038_sites"
down_revision = "0037_link_domains"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "site",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("hosts", json, nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("settings", json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_site_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("key", name=op.f("uq_site_key")),
    )
    op.create_index("ix_site_workspace_id", "site", ["workspace_id"])
    kept = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_site_name", "site", ["workspace_id", "name"],
        unique=True, sqlite_where=kept, postgresql_where=kept,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("site")
