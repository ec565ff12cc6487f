"""Programs: tokens of the API, calls with an idempotency key, webhooks with their events and attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("opening", sa.String(12), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(60), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        _moment("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "api_call",
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        _moment("begun_at"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="pk_api_call"),
    )
    op.create_index("ix_api_call_begun_at", "api_call", ["begun_at"])
    _hooks()
    _events()


def downgrade() -> None:
    for table in ("hook_try", "hook_event", "hook", "api_call", "api_token"):
        op.drop_table(table)


def _hooks() -> None:
    op.create_table(
        "hook",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("newsletter", sa.String(40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("with_addresses", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(60), nullable=False),
        _moment("created_at"),
        _moment("changed_at"),
        _moment("failing_since", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hook"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hook_newsletter", "hook", ["newsletter"])


def _events() -> None:
    op.create_table(
        "hook_event",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("hook_id", BIG, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("subscriber_id", BIG, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("due_at"),
        _of("hook_event", "hook_id", "hook"),
        sa.PrimaryKeyConstraint("id", name="pk_hook_event"),
        sa.UniqueConstraint("name", name="uq_hook_event_name"),
    )
    op.create_index("ix_hook_event_hook_id", "hook_event", ["hook_id"])
    op.create_index("ix_hook_event_created_at", "hook_event", ["created_at"])
    op.create_index(
        "ix_hook_event_due",
        "hook_event",
        ["hook_id", "due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "hook_try",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("event_id", BIG, nullable=False),
        _moment("at"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        _of("hook_try", "event_id", "hook_event"),
        sa.PrimaryKeyConstraint("id", name="pk_hook_try"),
    )
    op.create_index("ix_hook_try_event_id", "hook_try", ["event_id"])


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=False), nullable=nullable)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")
