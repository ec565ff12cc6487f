"""What a reader chose of a newsletter: its language, its theme, its sections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KINDS = {
    "language": sa.String(20),
    "unwanted_sections": sa.Text(),
    "theme": sa.String(20),
    "first_sections": sa.Text(),
}


def upgrade() -> None:
    for name, kind in _KINDS.items():
        empty = sa.text("''")
        op.add_column("subscription", sa.Column(name, kind, nullable=False, server_default=empty))


def downgrade() -> None:
    with op.batch_alter_table("subscription") as table:
        for name in _KINDS:
            table.drop_column(name)
