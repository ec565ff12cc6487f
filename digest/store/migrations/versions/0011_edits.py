"""What editors change about an issue, and the week that they change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "week",
        sa.Column("issue_id", _BIG, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name="fk_week_issue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", name="pk_week"),
    )
    op.create_table(
        "edit",
        sa.Column("issue_id", _BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name="fk_edit_issue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "version", name="pk_edit"),
    )


def downgrade() -> None:
    op.drop_table("edit")
    op.drop_table("week")
