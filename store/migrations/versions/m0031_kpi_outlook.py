"""What a KPI's readings foretold: the forecast with its interval, and the chance of reaching the target.

Expand step: older readings foretold nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031_kpi_outlook"
down_revision = "0029_changed_there"
branch_labels = None
depends_on = None

_COLUMNS = ("forecast", "forecast_low", "forecast_high", "chance")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("kpi_reading", sa.Column(name, sa.Float(), nullable=True))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("kpi_reading", name)
