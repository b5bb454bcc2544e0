"""What a KPI is good for, for whom, and who is told when; its versions, and what people said about it.

Expand: new columns with defaults, and two tables that older workers do not know. KPIs that are there already say
no goal, and their alert rule is the usual one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044_kpi_wizard"
down_revision = "0043_audits"
branch_labels = None
depends_on = None

_TEXTS = ("goal_words", "audience", "baseline_source")
_WORDS = (("goal", "''"), ("cadence", "''"), ("alert_rule", "'at_risk'"))


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    at = sa.DateTime(timezone=True)
    for name, default in _WORDS:
        op.add_column(
            "kpi", sa.Column(name, sa.String(length=16), server_default=sa.text(default), nullable=False)
        )
    for name in _TEXTS:
        op.add_column("kpi", sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column("kpi", sa.Column("warned", json, nullable=True))
    op.add_column("kpi", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("kpi_reading", sa.Column("version", sa.Integer(), nullable=True))
    op.create_table(
        "kpi_version",
        sa.Column("id", number, nullable=False),
        sa.Column("kpi_id", number, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", at, nullable=False),
        sa.Column("person_id", number, nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("changed", json, nullable=False),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi.id"], name=op.f("fk_kpi_version_kpi_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kpi_version_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_version")),
        sa.UniqueConstraint("kpi_id", "version", name=op.f("uq_kpi_version_kpi_id_version")),
    )
    op.create_table(
        "kpi_comment",
        sa.Column("id", number, nullable=False),
        sa.Column("kpi_id", number, nullable=False),
        sa.Column("at", at, nullable=False),
        sa.Column("person_id", number, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi.id"], name=op.f("fk_kpi_comment_kpi_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kpi_comment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_comment")),
    )
    op.create_index("ix_kpi_comment_series", "kpi_comment", ["kpi_id", "at"])


def downgrade() -> None:
    op.drop_table("kpi_comment")
    op.drop_table("kpi_version")
    op.drop_column("kpi_reading", "version")
    for name in ("version", "warned", *_TEXTS, *(name for name, _ in _WORDS)):
        op.drop_column("kpi", name)
