"""Who reads the KPI guide: links that open it without signing in, and who said to have read which version.

Expand: new tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0059_guide_readers"
down_revision = "0058_guide_versions"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "guide_link",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", _NUMBER, nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_guide_link_created_by")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_guide_link_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guide_link_token_hash")),
    )
    op.create_index("ix_guide_link_workspace_id", "guide_link", ["workspace_id"])
    op.create_table(
        "guide_receipt",
        sa.Column("workspace_id", _NUMBER, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("person_id", _NUMBER, nullable=True),
        sa.Column("link_id", _NUMBER, nullable=True),
        sa.Column("said_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["guide_link.id"], name=op.f("fk_guide_receipt_link_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_guide_receipt_person_id")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_guide_receipt_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_receipt")),
        sa.UniqueConstraint(
            "link_id", "number", "said_by", name=op.f("uq_guide_receipt_link_id_number_said_by")
        ),
        sa.UniqueConstraint(
            "workspace_id", "number", "person_id",
            name=op.f("uq_guide_receipt_workspace_id_number_person_id"),
        ),
    )  # fmt: skip
    op.create_index("ix_guide_receipt_workspace_id", "guide_receipt", ["workspace_id"])
    op.create_index("ix_guide_receipt_version", "guide_receipt", ["workspace_id", "number"])


def downgrade() -> None:
    for name in ("guide_receipt", "guide_link"):
        op.drop_table(name)
