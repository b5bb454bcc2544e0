"""Domains that serve the short links of a workspace, and salts that live for a day.

Expand: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037_link_domains"
down_revision = "0036_clicks_explained"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "link_domain",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_link_domain_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_link_domain"),
        sa.UniqueConstraint("host", name="uq_link_domain_host"),
    )
    op.create_table(
        "day_salt",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_day_salt_workspace_id"),
        sa.PrimaryKeyConstraint("workspace_id", "day", name="pk_day_salt"),
    )


def downgrade() -> None:
    op.drop_table("day_salt")
    op.drop_table("link_domain")
