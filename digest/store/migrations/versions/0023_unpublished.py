"""Issues that were taken off the web after they were sent, and put back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "unpublished",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("back_at", sa.DateTime(), nullable=True),
        sa.Column("back_by", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name="fk_unpublished_issue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_unpublished"),
    )
    op.create_index("ix_unpublished_issue_id", "unpublished", ["issue_id"])


def downgrade() -> None:
    op.drop_table("unpublished")
