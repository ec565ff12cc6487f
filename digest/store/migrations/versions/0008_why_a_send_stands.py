"""Who paused a send, since when and with which provider; who cancelled it; which provider rests, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("paused_by", 60), ("paused_with", 40), ("cancelled_by", 60)):
        column = sa.Column(name, sa.String(length), nullable=False, server_default=sa.text("''"))
        op.add_column("send", column)
    op.add_column("send", sa.Column("paused_at", sa.DateTime(), nullable=True))
    op.create_table(
        "rest",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("instead", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_rest")),
    )


def downgrade() -> None:
    op.drop_table("rest")
    for name in ("paused_at", "cancelled_by", "paused_with", "paused_by"):
        op.drop_column("send", name)
