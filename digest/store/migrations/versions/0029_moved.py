"""Who moved to a reader is found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOVED = sa.text("moved_to IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_subscription_moved",
        "subscription",
        ["moved_to"],
        sqlite_where=MOVED,
        postgresql_where=MOVED,
    )


def downgrade() -> None:
    op.drop_index("ix_subscription_moved", "subscription")
