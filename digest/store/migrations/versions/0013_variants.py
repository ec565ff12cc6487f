"""Editions in other languages and themes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "edition_variant",
        sa.Column("edition_id", big, nullable=False),
        sa.Column("key", sa.String(50), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("subject", "preheader", "html", "body_text")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["edition.id"],
            ondelete="CASCADE",
            name="fk_edition_variant_edition_id",
        ),
        sa.PrimaryKeyConstraint("edition_id", "key", name="pk_edition_variant"),
    )


def downgrade() -> None:
    op.drop_table("edition_variant")
