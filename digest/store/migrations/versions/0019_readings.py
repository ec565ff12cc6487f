"""Until when a source is being read: nobody else begins to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_state", sa.Column("reading_until", sa.DateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("source_state", "reading_until")
