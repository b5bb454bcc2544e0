"""In which hour people opened the pages of surveys, so that a response rate has a period.

Expand: a new table. Openings from before it have no hour and are in no rate.
"""

import sqlalchemy as sa
from alembic import op

revision = "0056_survey_hours"
down_revision = "0055_changed_texts"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "survey_hour",
        sa.Column("survey_id", _NUMBER, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_hour_survey_id")),
        sa.PrimaryKeyConstraint("survey_id", "hour", name=op.f("pk_survey_hour")),
    )


def downgrade() -> None:
    op.drop_table("survey_hour")
