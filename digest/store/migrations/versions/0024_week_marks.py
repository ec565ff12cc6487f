"""A hash beside each week as the stages made it: whether it is still the one that a change was made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("week", sa.Column("mark", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("week", "mark")
