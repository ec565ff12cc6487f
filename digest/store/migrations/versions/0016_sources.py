"""What a source remembers, articles taken off their site, and copies that an editor took apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("moved", "memory"):
        op.add_column("source_state", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("article", sa.Column("gone_at", sa.DateTime(), nullable=True))
    op.create_table(
        "article_apart",
        sa.Column("one_id", _BIG, nullable=False),
        sa.Column("other_id", _BIG, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["one_id"],
            ["article.id"],
            name="fk_article_apart_one_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["article.id"],
            name="fk_article_apart_other_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("one_id", "other_id", name="pk_article_apart"),
    )


def downgrade() -> None:
    op.drop_table("article_apart")
    op.drop_column("article", "gone_at")
    for name in ("memory", "moved"):
        op.drop_column("source_state", name)
