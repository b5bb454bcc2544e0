"""The KPI guide: its numbered versions, and what each says of every KPI.

Expand: new tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058_guide_versions"
down_revision = "0056_survey_hours"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "guide_section",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("kpi_id", _NUMBER, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi.id"], name=op.f("fk_guide_section_kpi_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_guide_section_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_section")),
    )
    op.create_index("ix_guide_section_workspace_id", "guide_section", ["workspace_id"])
    op.create_table(
        "guide_version",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("head", _JSON, nullable=False),
        sa.Column("sections", _JSON, nullable=False),
        sa.Column("changes", _JSON, nullable=False),
        sa.Column("reminded_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_guide_version_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_version")),
        sa.UniqueConstraint("workspace_id", "number", name=op.f("uq_guide_version_workspace_id_number")),
    )
    op.create_index("ix_guide_version_workspace_id", "guide_version", ["workspace_id"])


def downgrade() -> None:
    for name in ("guide_version", "guide_section"):
        op.drop_table(name)
