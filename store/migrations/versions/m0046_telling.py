"""What people and programs are told: notices, endpoints, each delivery, and how people want to be told.

Expand: new tables only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046_telling"
down_revision = "0044_kpi_wizard"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "endpoint",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.String(length=300), nullable=False),
        sa.Column("kinds", _JSON, nullable=True),
        sa.Column("old_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('webhook', 'apprise')", name=op.f("ck_endpoint_way")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_endpoint_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_endpoint_workspace_id_name")),
    )
    with op.batch_alter_table("endpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endpoint_workspace_id"), ["workspace_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("words", _JSON, nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("link", sa.String(length=500), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_notice_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_notice_workspace_id_key")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_workspace_id"), ["workspace_id"], unique=False)
    op.create_table(
        "telling_wish",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("groups", _JSON, nullable=True),
        sa.Column("digest_hour", sa.Integer(), nullable=True),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_telling_wish_person_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_telling_wish_workspace_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "workspace_id", name=op.f("pk_telling_wish")),
    )
    with op.batch_alter_table("telling_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telling_wish_workspace_id"), ["workspace_id"], unique=False)
    op.create_table(
        "telling",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("endpoint_id", _ID, nullable=True),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_digest", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name=op.f("ck_telling_state")),
        sa.CheckConstraint("way IN ('email', 'webhook', 'apprise')", name=op.f("ck_telling_way")),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name=op.f("fk_telling_endpoint_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_telling_person_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_telling_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
        sa.UniqueConstraint("key", name=op.f("uq_telling_key")),
    )
    with op.batch_alter_table("telling", schema=None) as batch_op:
        batch_op.create_index(
            "ix_telling_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_telling_endpoint_id"), ["endpoint_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_telling_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_telling_workspace_at", ["workspace_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_telling_workspace_id"), ["workspace_id"], unique=False)
    op.create_table(
        "told_notice",
        sa.Column("telling_id", _ID, nullable=False),
        sa.Column("notice_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_told_notice_notice_id")),
        sa.ForeignKeyConstraint(["telling_id"], ["telling.id"], name=op.f("fk_told_notice_telling_id")),
        sa.PrimaryKeyConstraint("telling_id", "notice_id", name=op.f("pk_told_notice")),
    )
    with op.batch_alter_table("told_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_told_notice_notice_id"), ["notice_id"], unique=False)


def downgrade() -> None:
    op.drop_table("told_notice")
    op.drop_table("telling")
    op.drop_table("telling_wish")
    op.drop_table("notice")
    op.drop_table("endpoint")
