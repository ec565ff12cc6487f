"""Which sends the editors were told the numbers of; those that were done before count as reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("send", sa.Column("reported_at", sa.DateTime(), nullable=True))
    op.execute("update send set reported_at = finished_at")


def downgrade() -> None:
    op.drop_column("send", "reported_at")
