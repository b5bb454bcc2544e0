"""Experiments, and the posts of their arms.

Expand: new tables; the last release leaves them alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0068_experiments"
down_revision = "0065_last_looks"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "experiment",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("question", sa.String(length=500), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("checkpoint", sa.Integer(), nullable=False),
        sa.Column("arms", _JSON, nullable=False),
        sa.Column("channel_ids", _JSON, nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("effect", sa.Float(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("ends_at", _TIME, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("result", _JSON, nullable=True),
        sa.Column("created_by", _NUMBER, nullable=True),
        sa.CheckConstraint("state IN ('running', 'ended', 'stopped')", name=op.f("ck_experiment_state")),
        sa.CheckConstraint("method IN ('always', 'fixed')", name=op.f("ck_experiment_method")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_experiment_created_by")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_experiment_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_experiment_workspace_id_name")),
    )
    due = sa.text("next_at IS NOT NULL")
    op.create_index("ix_experiment_due", "experiment", ["next_at"], sqlite_where=due, postgresql_where=due)
    op.create_index("ix_experiment_workspace_id", "experiment", ["workspace_id"])
    op.create_table(
        "experiment_post",
        sa.Column("post_id", _NUMBER, nullable=False),
        sa.Column("experiment_id", _NUMBER, nullable=False),
        sa.Column("arm", sa.Integer(), nullable=False),
        sa.Column("added_at", _TIME, nullable=False),
        sa.Column("known", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("arm BETWEEN 1 AND 4", name=op.f("ck_experiment_post_arm")),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiment.id"], name=op.f("fk_experiment_post_experiment_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_experiment_post_post_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_experiment_post")),
    )
    op.create_index("ix_experiment_post_experiment_id", "experiment_post", ["experiment_id", "post_id"])


def downgrade() -> None:
    op.drop_table("experiment_post")
    op.drop_table("experiment")
