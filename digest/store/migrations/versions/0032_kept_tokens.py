"""Who lets a token go on whose maker has no seat any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept: sa.Column[str] = sa.Column(
        "kept_by", sa.String(60), nullable=False, server_default=sa.text("''")
    )
    op.add_column("api_token", kept)


def downgrade() -> None:
    op.drop_column("api_token", "kept_by")
