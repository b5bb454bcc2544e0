"""Routes filter by rules, frame their text, choose hashtags and pictures; a channel has a template."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_route_rules"
down_revision = "0005_hub_subscriptions"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    for name in ("filters", "tags", "picture"):
        op.add_column("route", sa.Column(name, _JSON, nullable=True))
    for name in ("prefix", "suffix"):
        op.add_column("route", sa.Column(name, sa.String(), nullable=True))
    op.add_column("channel", sa.Column("template", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "template")
    for name in ("suffix", "prefix", "picture", "tags", "filters"):
        op.drop_column("route", name)
