"""Until when a source is being read: nobody else begins to. Articles that are off their site, found quickly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_state", sa.Column("reading_until", sa.DateTime(), nullable=True))
    gone = sa.text("gone_at IS NOT NULL")
    op.create_index(
        "ix_article_gone",
        "article",
        ["source", "happened_at"],
        sqlite_where=gone,
        postgresql_where=gone,
    )


def downgrade() -> None:
    op.drop_index("ix_article_gone", "article")
    op.drop_column("source_state", "reading_until")
