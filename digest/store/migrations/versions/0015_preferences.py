"""What readers chose beside the form: silence; why they left; and moves to other addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    reason = sa.Column("left_for", sa.String(20), nullable=False, server_default=sa.text("''"))
    op.add_column("subscription", reason)
    op.add_column("subscription", sa.Column("moved_to", BIG, nullable=True))
    op.create_table(
        "silence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("newsletter", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name="fk_silence_subscriber_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_silence"),
    )
    op.create_index("ix_silence_reader", "silence", ["subscriber_id", "newsletter", "kind"])
    op.create_table(
        "move",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("newsletter", sa.String(40), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("to_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_move_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_move"),
    )
    op.create_index("ix_move_subscriber_id", "move", ["subscriber_id"])
    op.create_index("ix_move_asked_at", "move", ["asked_at"])


def downgrade() -> None:
    op.drop_table("move")
    op.drop_table("silence")
    for name in ("moved_to", "left_for"):
        op.drop_column("subscription", name)
