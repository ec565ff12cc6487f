"""Which state map is believed of a chunk; since when a reader waits; when a person let a send go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    born = sa.Column("born", sa.String(8), nullable=False, server_default=sa.text("''"))
    op.add_column("chunk", born)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    time = sa.BigInteger() if is_sqlite else sa.DateTime()
    op.add_column("send", sa.Column("resumed_at", sa.DateTime(), nullable=True))
    op.add_column("delivery", sa.Column("first_at", time, nullable=True))


def downgrade() -> None:
    op.drop_column("delivery", "first_at")
    op.drop_column("send", "resumed_at")
    op.drop_column("chunk", "born")
