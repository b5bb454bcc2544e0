"""What polling remembers of a feed and of its server.

Expand: every column may be absent, so the last release runs beside it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_fetching"
down_revision = "0003_identity"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("feed") as table:
        table.add_column(sa.Column("host", sa.String(length=300), nullable=True))
        table.add_column(sa.Column("hints", _JSON, nullable=True))
        table.add_column(sa.Column("own_interval", sa.Integer(), nullable=True))
        table.add_column(sa.Column("answers_304", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("access", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("user_agent", sa.String(length=300), nullable=True))
        table.add_column(sa.Column("plain_agent", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("folders", _JSON, nullable=True))
        table.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_feed_host", ["host"])
    with op.batch_alter_table("host") as table:
        table.add_column(sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("host") as table:
        table.drop_column("turn_at")
    with op.batch_alter_table("feed") as table:
        table.drop_index("ix_feed_host")
        for name in (
            "removed_at", "folders", "plain_agent", "user_agent", "access", "answers_304", "own_interval",
            "hints", "host",
        ):  # fmt: skip
            table.drop_column(name)
