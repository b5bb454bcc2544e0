"""Reports that are written by themselves, what they said, and links to them.

Expand: new tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048_reports"
down_revision = "0047_alerts"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_DUE = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "report_plan",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("every", sa.String(length=8), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("recipients", _JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", _NUMBER, nullable=True),
        sa.Column("stopped_at", _TIME, nullable=True),
        sa.CheckConstraint("every IN ('week', 'month', 'quarter')", name=op.f("ck_report_plan_every")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_report_plan_created_by")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_report_plan_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_plan")),
    )
    op.create_index("ix_report_plan_workspace_id", "report_plan", ["workspace_id"])
    op.create_index(
        "ix_report_plan_due", "report_plan", ["next_at"], sqlite_where=_DUE, postgresql_where=_DUE
    )
    op.create_table(
        "report",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", _NUMBER, nullable=True),
        sa.Column("every", sa.String(length=8), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("body", _JSON, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", _NUMBER, nullable=True),
        sa.Column("made_at", _TIME, nullable=True),
        sa.Column("mailed_at", _TIME, nullable=True),
        sa.CheckConstraint("every IN ('week', 'month', 'quarter')", name=op.f("ck_report_every")),
        sa.CheckConstraint("state IN ('writing', 'ready', 'failed')", name=op.f("ck_report_state")),
        sa.CheckConstraint("state <> 'ready' OR body IS NOT NULL", name=op.f("ck_report_ready_has_body")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_report_created_by")),
        sa.ForeignKeyConstraint(["plan_id"], ["report_plan.id"], name=op.f("fk_report_plan_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_report_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("plan_id", "first_day", name=op.f("uq_report_plan_id_first_day")),
    )
    op.create_index("ix_report_workspace_id", "report", ["workspace_id"])
    op.create_index("ix_report_workspace_last", "report", ["workspace_id", "last_day"])
    op.create_index("ix_report_due", "report", ["next_at"], sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_table(
        "report_link",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("report_id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", _NUMBER, nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_report_link_created_by")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_link_report_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_report_link_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_report_link_token_hash")),
    )
    op.create_index("ix_report_link_workspace_id", "report_link", ["workspace_id"])
    op.create_index("ix_report_link_report_id", "report_link", ["report_id"])


def downgrade() -> None:
    for name in ("report_link", "report", "report_plan"):
        op.drop_table(name)
