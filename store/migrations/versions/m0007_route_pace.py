"""Routes have caps, a gap and an order; a removed one stays behind its posts."""

import sqlalchemy as sa
from alembic import op

revision = "0007_route_pace"
down_revision = "0006_route_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("per_run", "per_day", "gap_minutes"):
        op.add_column("route", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("route", sa.Column("newest_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("route", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("removed_at", "newest_first", "gap_minutes", "per_day", "per_run"):
        op.drop_column("route", name)
