"""Readers at the desk: lists by standing and by the way they came, and long work that a page asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CAME = sa.text("kind IN ('asked', 'imported')")


def upgrade() -> None:
    standing = ["newsletter", "status", "subscriber_id"]
    op.create_index("ix_subscription_standing", "subscription", standing)
    op.create_index(
        "ix_consent_came",
        "consent",
        ["method", "subscriber_id"],
        sqlite_where=CAME,
        postgresql_where=CAME,
    )
    op.create_table(
        "errand",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("newsletter", sa.String(40), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("columns", sa.String(200), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("subject", BIG, nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_errand"),
    )


def downgrade() -> None:
    op.drop_table("errand")
    op.drop_index("ix_consent_came", "consent")
    op.drop_index("ix_subscription_standing", "subscription")
