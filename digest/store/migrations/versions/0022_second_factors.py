"""Passkeys, codes of an app, recovery codes; what a session was opened with. Open sessions stay."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _old() -> list[sa.Column[Any]]:
    return [
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
    ]


def _new() -> list[sa.Column[Any]]:
    return [
        sa.Column("how", sa.String(20), nullable=False),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("proved_at", sa.DateTime(), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("network", sa.String(50), nullable=False),
    ]


def upgrade() -> None:
    _sessions(new=True)
    op.create_table(
        "passkey",
        sa.Column("id", BIG, nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("known_by", sa.String(64), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        _of_editor("passkey"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("known_by", name="uq_passkey_known_by"),
    )
    op.create_index("ix_passkey_editor_id", "passkey", ["editor_id"])
    op.create_table(
        "code_app",
        sa.Column("editor_id", BIG, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        _of_editor("code_app"),
        sa.PrimaryKeyConstraint("editor_id", name="pk_code_app"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        _of_editor("recovery_code"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_editor_id", "recovery_code", ["editor_id"])


def _sessions(*, new: bool) -> None:
    """Made anew, with the rows of before: what was opened by now was opened by a link."""
    bind = op.get_bind()
    old = sa.table("session", *(sa.column(one.name, one.type) for one in _old()))
    rows = [dict(row) for row in bind.execute(sa.select(old)).mappings()]
    op.drop_table("session")
    columns = [*_old(), *(_new() if new else ())]
    op.create_table(
        "session",
        *columns,
        _of_editor("session"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_session"),
    )
    op.create_index("ix_session_editor_id", "session", ["editor_id"])
    made = sa.table("session", *(sa.column(one.name, one.type) for one in columns))
    for row in rows:
        more = {"how": "link", "strong": False, "proved_at": row["created_at"]}
        more |= {"browser": "", "network": ""}
        bind.execute(sa.insert(made).values(**row, **(more if new else {})))


def _of_editor(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_editor_id"
    return sa.ForeignKeyConstraint(["editor_id"], ["editor.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("recovery_code", "code_app", "passkey"):
        op.drop_table(table)
    _sessions(new=False)
