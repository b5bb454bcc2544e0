"""Links with a code of one's own, a note and an end; clicks with their reason, key, day hash and country.

Expand: new columns that may be empty; older clicks have no reason.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036_clicks_explained"
down_revision = "0035_thinned_looks"
branch_labels = None
depends_on = None

_CLICK = (("why", 16), ("key", 32), ("day_hash", 32), ("country", 2))
_KEYED = sa.text("key IS NOT NULL")


def upgrade() -> None:
    op.add_column("link", sa.Column("looks", sa.String(32), nullable=True))
    op.add_column("link", sa.Column("note", sa.String(200), nullable=True))
    op.add_column("link", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_link_looks", "link", ["looks"], unique=True)
    for name, length in _CLICK:
        op.add_column("click", sa.Column(name, sa.String(length), nullable=True))
    op.create_index(
        "ix_click_key", "click", ["key"], unique=True, sqlite_where=_KEYED, postgresql_where=_KEYED
    )


def downgrade() -> None:
    op.drop_index("ix_click_key", "click")
    for name, _ in reversed(_CLICK):
        op.drop_column("click", name)
    op.drop_index("ix_link_looks", "link")
    for name in ("removed_at", "note", "looks"):
        op.drop_column("link", name)
