"""What comes back about copies: the events, and the gravest of each copy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("subscriber_id", _BIG, nullable=True),
        sa.Column("send_id", _BIG, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("provider", "event_id", name="uq_report_provider_event_id"),
    )
    op.create_index("ix_report_received_at", "report", ["received_at"])
    op.create_index("ix_report_subscriber_id", "report", ["subscriber_id"])
    op.create_table(
        "outcome",
        sa.Column("send_id", _BIG, nullable=False),
        sa.Column("subscriber_id", _BIG, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["send_id"], ["send.id"], name="fk_outcome_send_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("send_id", "subscriber_id", name="pk_outcome"),
    )
    op.create_index("ix_outcome_subscriber_id", "outcome", ["subscriber_id"])


def downgrade() -> None:
    op.drop_table("outcome")
    op.drop_table("report")
