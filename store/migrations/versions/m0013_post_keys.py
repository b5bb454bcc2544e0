"""Keep keys of texts, by which posts that repeat an earlier one are found.

Expand step: the release before does not know the table. Posts of the last 180 days get their keys here, the
newest first.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.likeness import keys

revision = "0013_post_keys"
down_revision = "0012_rules"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Older ones of a very large installation stay without keys: no warning ever names them.
_MOST = 50_000


def upgrade() -> None:
    op.create_table(
        "post_key",
        sa.Column("channel_id", _ID, nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "key", "post_id", name=op.f("pk_post_key")),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind())
    op.create_index("ix_post_key_post_id", "post_key", ["post_id"])


def _fill(connection: sa.Connection) -> None:
    post = sa.table(
        "post", sa.column("id", _ID), sa.column("channel_id", _ID), sa.column("content", sa.JSON()),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    since: Any = datetime.now(UTC) - timedelta(days=180)
    if connection.dialect.name == "sqlite":
        since = since.replace(tzinfo=None)
    query = (
        sa.select(post.c.id, post.c.channel_id, post.c.content)
        .where(post.c.created_at >= since)
        .order_by(post.c.id.desc())
        .limit(_MOST)
    )
    into = sa.table("post_key", *(sa.column(name) for name in ("channel_id", "key", "post_id")))
    for post_id, channel_id, content in connection.execute(query).all():
        read = json.loads(content) if isinstance(content, str) else content
        rows = [
            {"channel_id": channel_id, "key": key, "post_id": post_id}
            for key in keys(str(read.get("text") or ""))
        ]
        if rows:
            connection.execute(sa.insert(into), rows)


def downgrade() -> None:
    op.drop_table("post_key")
