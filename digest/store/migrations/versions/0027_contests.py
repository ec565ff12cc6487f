"""Contests of two subjects: which chunks get which, the editions of the second one, what readers did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EMPTY = sa.text("''")


def upgrade() -> None:
    op.add_column("chunk", sa.Column("arm", sa.String(1), nullable=False, server_default=EMPTY))
    rest: sa.Column[bool] = sa.Column(
        "rest", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("chunk", rest)
    op.create_table(
        "edition_second",
        sa.Column("edition_id", BIG, nullable=False),
        sa.Column("key", sa.String(50), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("subject", "preheader", "html", "body_text")
        ),
        _of("edition_second", "edition"),
        sa.PrimaryKeyConstraint("edition_id", "key", name="pk_edition_second"),
    )
    op.create_table(
        "contest",
        sa.Column("send_id", BIG, nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(10), nullable=False),
        sa.Column("decide_at", sa.DateTime(), nullable=False),
        sa.Column("rest_at", sa.DateTime(), nullable=False),
        sa.Column("winner", sa.String(1), nullable=False, server_default=EMPTY),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.String(60), nullable=False, server_default=EMPTY),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=True),
        _of("contest", "send"),
        sa.PrimaryKeyConstraint("send_id", name="pk_contest"),
    )
    op.create_table(
        "arm_visit",
        sa.Column("send_id", BIG, nullable=False),
        sa.Column("arm", sa.String(1), nullable=False),
        sa.Column("visitor", sa.LargeBinary(8), nullable=False),
        _of("arm_visit", "send"),
        sa.PrimaryKeyConstraint("send_id", "arm", "visitor", name="pk_arm_visit"),
    )


def _of(table: str, owner: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{owner}_id"
    return sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("arm_visit", "contest", "edition_second"):
        op.drop_table(table)
    for name in ("rest", "arm"):
        op.drop_column("chunk", name)
