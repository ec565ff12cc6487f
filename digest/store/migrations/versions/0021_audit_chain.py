"""The audit log as a chain that the database itself lets nobody change; an editor's number is never given twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

from digest.store import chain

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORDS = "the audit log is append-only"


#: The log as it is when it is written here.
EVENT = sa.table(
    "event",
    *(sa.column(name) for name in ("id", "actor", "origin", "action", "subject")),
    sa.column("at", sa.DateTime()),
    sa.column("data", sa.JSON()),
    *(sa.column(name) for name in ("former", "hash")),
)
_OLD = ("id", "at", "actor", "action", "subject", "data")


def upgrade() -> None:
    old = sa.select(*(EVENT.c[name] for name in _OLD)).order_by(EVENT.c.id)
    rows = op.get_bind().execute(old).mappings().all()
    op.drop_table("event")
    _table()
    _linked([dict(row) for row in rows])
    if op.get_bind().dialect.name == "sqlite":
        _never_again()
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER event_keeps_{act.lower()} BEFORE {act} ON event "
                f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION event_keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_WORDS}'; END $$"
    )
    for acts, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER event_keeps_{each.lower()} BEFORE {acts} ON event "
            f"FOR EACH {each} EXECUTE FUNCTION event_keeps()"
        )


def _table() -> None:
    op.create_table(
        "event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(60), nullable=False),
        sa.Column("former", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("former", name="uq_event_former"),
    )
    op.create_index("ix_event_at", "event", ["at"])


def _linked(rows: list[dict[str, Any]]) -> None:
    """What was there before, without addresses, as the chain's first rows: from now on it stays as it is."""
    bind = op.get_bind()
    asked = bind.execute(sa.text("SELECT email, id FROM editor"))
    editors = {str(email): int(number) for email, number in asked}
    former = chain.START
    for row in rows:
        known = editors.get(str(row["actor"]).strip().casefold())
        actor = f"editor:{known}" if known else chain.clean(row["actor"])
        told = {name: chain.clean(row[name]) for name in ("action", "subject", "data")}
        new = {**row, **told, "actor": actor[:60], "origin": "", "former": former}
        new["action"], new["subject"] = new["action"][:40], new["subject"][:100]
        former = chain.link({**new, "at": row["at"].replace(tzinfo=dt.UTC)})
        bind.execute(sa.insert(EVENT).values(**new, hash=former))


def _never_again() -> None:
    """SQLite gives a number again that was the highest; with AUTOINCREMENT it does not. Sessions stay."""
    op.execute("CREATE TEMPORARY TABLE kept_session AS SELECT * FROM session")
    op.create_table(
        "new_editor",
        sa.Column("id", BIG, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editor"),
        sa.UniqueConstraint("email", name="uq_editor_email"),
        sqlite_autoincrement=True,
    )
    columns = "id, email, name, role, created_at"
    op.execute(f"INSERT INTO new_editor ({columns}) SELECT {columns} FROM editor")  # nosec B608  # noqa: S608  names that stand here
    op.drop_table("editor")
    op.rename_table("new_editor", "editor")
    op.execute("DELETE FROM session")
    op.execute("INSERT INTO session SELECT * FROM kept_session")
    op.execute("DROP TABLE kept_session")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER event_keeps_update")
        op.execute("DROP TRIGGER event_keeps_delete")
    else:
        op.execute("DROP TRIGGER event_keeps_row ON event")
        op.execute("DROP TRIGGER event_keeps_statement ON event")
        op.execute("DROP FUNCTION event_keeps()")
    with op.batch_alter_table("event") as event:
        event.drop_constraint("uq_event_former", type_="unique")
        for name in ("origin", "former", "hash"):
            event.drop_column(name)
