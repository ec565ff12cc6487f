"""What a week was made of: the same is not made again every hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("week", sa.Column("made_of", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("week", "made_of")
