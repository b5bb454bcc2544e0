"""What is brought in from files: ad spend, orders, customers, testimonials, mentions and tools' totals.

Expand: new tables; the last release leaves them alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040_brought_in"
down_revision = "0039_visits"
branch_labels = None
depends_on = None

_TABLES = ("imported_file", "workspace_key", "value_choice", "brand", "mention_source", "ad_day", "purchase", "customer",
           "testimonial", "mention_day", "sharer", "tool_day")  # fmt: skip


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _create(name: str, *rest: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("workspace_id", _number(), nullable=False),
        sa.Column("id", _number(), nullable=False),
        *rest,
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f(f"fk_{name}_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_workspace_id", name, ["workspace_id"])


def _foreign(name: str, column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{name}_{column}"))


def _brought(name: str, *rest: sa.schema.SchemaItem) -> None:
    _create(
        name,
        sa.Column("file_id", _number(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        *rest,
        _foreign(name, "file_id", "imported_file"),
    )
    op.create_index(f"ix_{name}_file_id", name, ["file_id"])
    op.create_index(f"ix_{name}_workspace_at", name, ["workspace_id", "at"])
    current = sa.text("is_current")
    op.create_index(
        f"uq_{name}_current", name, ["workspace_id", "key"], unique=True, sqlite_where=current,
        postgresql_where=current,
    )  # fmt: skip


def upgrade() -> None:
    _create(
        "imported_file",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choices", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "workspace_key",
        sa.Column("workspace_id", _number(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _foreign("workspace_key", "workspace_id", "workspace"),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace_key")),
    )
    op.create_table(
        "value_choice",
        sa.Column("workspace_id", _number(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("discount", sa.Float(), nullable=False),
        sa.Column("years", sa.Float(), nullable=False),
        _foreign("value_choice", "workspace_id", "workspace"),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_value_choice")),
    )
    _create(
        "brand",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_brand_workspace_id_name")),
    )
    _create(
        "mention_source",
        sa.Column("brand_id", _number(), nullable=False),
        sa.Column("feed_id", _number(), nullable=False),
        sa.Column("query", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _foreign("mention_source", "brand_id", "brand"),
        _foreign("mention_source", "feed_id", "feed"),
        sa.UniqueConstraint("brand_id", "feed_id", name=op.f("uq_mention_source_brand_id_feed_id")),
    )
    op.create_index("ix_mention_source_feed_id", "mention_source", ["feed_id"])
    _rows()


def _rows() -> None:
    _brought(
        "ad_day",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("campaign", sa.String(length=200), nullable=False),
        sa.Column("channel_id", _number(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("spend_micros", _number(), nullable=False),
        sa.Column("with_fees", sa.Boolean(), nullable=True),
        sa.Column("impressions", _number(), nullable=True),
        sa.Column("link_clicks", _number(), nullable=True),
        _foreign("ad_day", "channel_id", "channel"),
    )
    _brought(
        "purchase",
        sa.Column("customer", sa.String(length=32), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_micros", _number(), nullable=False),
        sa.Column("returned_micros", _number(), nullable=False),
    )
    op.create_index("ix_purchase_customer", "purchase", ["customer"])
    _brought("customer")
    _brought(
        "testimonial",
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("rater", sa.String(length=120), nullable=True),
        sa.Column("is_positive", sa.Boolean(), nullable=True),
    )
    _brought(
        "mention_day",
        sa.Column("brand_id", _number(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("query", sa.String(length=200), nullable=False),
        _foreign("mention_day", "brand_id", "brand"),
    )
    op.create_index("ix_mention_day_brand_id", "mention_day", ["brand_id"])
    _brought(
        "sharer",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("followers", _number(), nullable=False),
    )
    _brought(
        "tool_day",
        sa.Column("tool", sa.String(length=16), nullable=False),
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("metric", sa.String(length=16), nullable=False),
        sa.Column("came_from", sa.String(length=200), nullable=False),
        sa.Column("medium", sa.String(length=100), nullable=False),
        sa.Column("campaign", sa.String(length=200), nullable=False),
        sa.Column("amount", _number(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.CheckConstraint(
            "metric IN ('sessions', 'engaged', 'conversions', 'revenue')", name=op.f("ck_tool_day_metric")
        ),
    )


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
