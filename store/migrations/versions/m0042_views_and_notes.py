"""Views of the list of published posts, what each person's list begins with, and notes on posts.

Expand: tables that older workers do not know.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042_views_and_notes"
down_revision = "0041_asking"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_AT = sa.DateTime(timezone=True)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "statistics_view",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("whose", _ID, nullable=False),
        sa.Column("shows", _JSON, nullable=False),
        sa.Column("made_by", _ID, nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        _to("statistics_view", "made_by", "person"),
        _to("statistics_view", "workspace_id", "workspace"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_view")),
        sa.UniqueConstraint(
            "workspace_id", "whose", "name", name=op.f("uq_statistics_view_workspace_id_whose_name")
        ),
    )
    op.create_index("ix_statistics_view_workspace_id", "statistics_view", ["workspace_id"])
    op.create_table(
        "statistics_habit",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("columns", _JSON, nullable=True),
        sa.Column("view_id", _ID, nullable=True),
        _to("statistics_habit", "person_id", "person"),
        _to("statistics_habit", "view_id", "statistics_view"),
        _to("statistics_habit", "workspace_id", "workspace"),
        sa.PrimaryKeyConstraint("workspace_id", "person_id", name=op.f("pk_statistics_habit")),
    )
    op.create_table(
        "post_note",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("at", _AT, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        _to("post_note", "person_id", "person"),
        _to("post_note", "post_id", "post"),
        _to("post_note", "workspace_id", "workspace"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_note")),
    )
    op.create_index("ix_post_note_post_id", "post_note", ["post_id"])
    op.create_index("ix_post_note_workspace_id", "post_note", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("post_note")
    op.drop_table("statistics_habit")
    op.drop_table("statistics_view")
