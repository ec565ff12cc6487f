"""One index of memberships by reader instead of two: whoever asks names the reader, and an import writes one less."""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_membership_reader", "membership", ["subscriber_id", "newsletter"])
    op.drop_index("ix_membership_audience", "membership")
    op.drop_index("ix_membership_subscriber_id", "membership")


def downgrade() -> None:
    op.create_index("ix_membership_subscriber_id", "membership", ["subscriber_id"])
    op.create_index("ix_membership_audience", "membership", ["newsletter", "subscriber_id"])
    op.drop_index("ix_membership_reader", "membership")
