"""What paid calls cost, and how much they may cost in a month.

Expand: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026_spending"
down_revision = "0025_channel_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "spending",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("channel_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("post_id", number, nullable=True),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_spending_channel_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_spending_post_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_spending_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending")),
    )
    op.create_index("ix_spending_channel_at", "spending", ["channel_id", "at"])
    op.create_index("ix_spending_workspace_id", "spending", ["workspace_id"])
    op.create_table(
        "spending_cap",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("micros >= 0", name=op.f("ck_spending_cap_micros")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_spending_cap_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "scope", name=op.f("pk_spending_cap")),
    )


def downgrade() -> None:
    op.drop_table("spending_cap")
    op.drop_table("spending")
