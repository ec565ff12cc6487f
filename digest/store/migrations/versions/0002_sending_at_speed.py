"""Sending at speed: shorter rows of the ledger, the write-ahead of a claim, readers' time zones."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: A stored text time as milliseconds since 1970, and back.
_SHORT = "CAST(round((julianday({0}) - 2440587.5) * 86400000) AS INTEGER)"
_LONG = "strftime('%Y-%m-%d %H:%M:%f000', {0} / 1000.0, 'unixepoch')"


def upgrade() -> None:
    op.add_column("chunk", sa.Column("ahead", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("chunk", sa.Column("claimed_at", sa.DateTime(), nullable=True))
    op.add_column("chunk", sa.Column("beat_at", sa.DateTime(), nullable=True))
    proven: sa.Column[bool] = sa.Column(
        "proven", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("send", proven)
    op.add_column("send", sa.Column("resume_at", sa.DateTime(), nullable=True))
    zone = sa.Column("timezone", sa.String(40), nullable=False, server_default=sa.text("''"))
    op.add_column("subscriber", zone)
    if op.get_bind().dialect.name == "sqlite":
        _new_ledger(sa.BigInteger(), _SHORT, sqlite_with_rowid=False)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _new_ledger(sa.DateTime(), _LONG)
    op.drop_column("subscriber", "timezone")
    for name in ("beat_at", "claimed_at", "ahead"):
        op.drop_column("chunk", name)
    for name in ("resume_at", "proven"):
        op.drop_column("send", name)


def _new_ledger(time: sa.types.TypeEngine[Any], convert: str, **options: bool) -> None:
    """SQLite cannot change a table's make: another one takes its rows and its name."""
    big = sa.Integer()
    op.rename_table("delivery", "delivery_old")
    op.create_table(
        "delivery",
        sa.Column("send_id", big, nullable=False),
        sa.Column("subscriber_id", big, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("at", time, nullable=False),
        sa.Column("due_at", time, nullable=True),
        sa.ForeignKeyConstraint(
            ["send_id"], ["send.id"], name="fk_delivery_send_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("send_id", "subscriber_id", name="pk_delivery"),
        **options,
    )
    columns = "send_id, subscriber_id, state, attempts, reply"
    op.execute(
        f"INSERT INTO delivery ({columns}, at, due_at) "  # nosec B608  # noqa: S608  names that stand here
        f"SELECT {columns}, {convert.format('at')}, {convert.format('due_at')} FROM delivery_old"
    )
    op.drop_table("delivery_old")
