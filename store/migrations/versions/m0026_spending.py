"""Calls that platforms count or are paid for, and how much they may cost in a month.

Expand: new tables, and a column that may be NULL.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026_spending"
down_revision = "0025_channel_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("channel", sa.Column("budget_day", sa.Integer(), nullable=True))
    op.create_table(
        "metered_call",
        sa.Column("workspace_id", number, nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("channel_id", number, nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("post_id", number, nullable=True),
        sa.Column("attempt_id", number, nullable=True),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_metered_call_channel_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_metered_call_post_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_metered_call_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metered_call")),
    )
    op.create_index("ix_metered_call_channel_at", "metered_call", ["channel_id", "at"])
    op.create_index("ix_metered_call_platform_at", "metered_call", ["platform", "at"])
    op.create_index("ix_metered_call_attempt_id", "metered_call", ["attempt_id"])
    op.create_index("ix_metered_call_workspace_id", "metered_call", ["workspace_id"])
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
    op.drop_table("metered_call")
    op.drop_column("channel", "budget_day")
