"""What servers answered for the links of an issue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "link_answer",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(), nullable=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name="fk_link_answer_issue_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "mark", name="pk_link_answer"),
    )


def downgrade() -> None:
    op.drop_table("link_answer")
