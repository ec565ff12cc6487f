"""The memory of the pace: what was granted of each common budget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stale_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("provider", "name", name="pk_pace"),
    )
    op.create_index("ix_pace_stale_at", "pace", ["stale_at"])


def downgrade() -> None:
    op.drop_table("pace")
