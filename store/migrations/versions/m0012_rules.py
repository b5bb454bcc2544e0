"""Keep the rules of channels and routes, and what a post asks of its slot.

Expand step: the release before ignores the columns, so it may run beside this one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_rules"
down_revision = "0011_slot_weeks"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    op.add_column("channel", sa.Column("rules", _JSON, nullable=True))
    op.add_column("route", sa.Column("rules", _JSON, nullable=True))
    op.add_column("post", sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
    op.add_column("post", sa.Column("earliest_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("post", sa.Column("latest_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_post_channel_queued",
        "post",
        ["channel_id", "planned_at"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )
    op.add_column("slot_choice", sa.Column("why", _JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("slot_choice", "why")
    op.drop_index("ix_post_channel_queued", table_name="post")
    for name in ("latest_at", "earliest_at", "priority"):
        op.drop_column("post", name)
    op.drop_column("route", "rules")
    op.drop_column("channel", "rules")
