"""Signing up: wishes, what was allowed lately, words kept once, and a ledger that forgets nothing."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: What an erasure may do and nobody else: its reader is named in `erasure` in the same transaction.
_KEPT = "NOT EXISTS (SELECT 1 FROM erasure WHERE erasure.subscriber_id = OLD.subscriber_id)"
_WORDS = "the ledger of consents is append-only"


def upgrade() -> None:
    _door()
    _words()
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            when = f" WHEN {_KEPT}" if act == "DELETE" else ""
            op.execute(
                f"CREATE TRIGGER consent_keeps_{act.lower()} BEFORE {act} ON consent{when} "
                f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION consent_keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF {_KEPT} THEN RAISE EXCEPTION '{_WORDS}'; END IF; RETURN OLD; "
            f"END IF; RAISE EXCEPTION '{_WORDS}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER consent_keeps BEFORE UPDATE OR DELETE ON consent "
            "FOR EACH ROW EXECUTE FUNCTION consent_keeps()"
        )


def _door() -> None:
    op.create_table(
        "wish",
        sa.Column("newsletter", sa.String(40), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("network", sa.String(50), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "address_hash", name="pk_wish"),
    )
    op.create_index("ix_wish_due_at", "wish", ["due_at"])
    op.create_table(
        "allowance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("bucket", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("stale_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_allowance"),
    )
    op.create_index("ix_allowance_bucket", "allowance", ["bucket", "at"])
    op.create_index("ix_allowance_stale_at", "allowance", ["stale_at"])
    op.create_table(
        "erasure",
        sa.Column("subscriber_id", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_erasure"),
    )


def _words() -> None:
    """Each wording once, known by its hash, where each consent had all of it."""
    op.create_table(
        "wording",
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_wording"),
    )
    version = sa.Column(
        "wording_version", sa.String(64), nullable=False, server_default=sa.text("''")
    )
    op.add_column("consent", version)
    bind = op.get_bind()
    known = bind.execute(
        sa.text("SELECT wording, min(at) FROM consent WHERE wording <> '' GROUP BY wording")
    )
    for words, since in known.all():
        values = {"v": hashlib.sha256(words.encode()).hexdigest(), "w": words, "s": since}
        bind.execute(sa.text("INSERT INTO wording VALUES (:v, :w, :s)"), values)
        bind.execute(sa.text("UPDATE consent SET wording_version = :v WHERE wording = :w"), values)
    op.drop_column("consent", "wording")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER consent_keeps_update")
        op.execute("DROP TRIGGER consent_keeps_delete")
    else:
        op.execute("DROP TRIGGER consent_keeps ON consent")
        op.execute("DROP FUNCTION consent_keeps()")
    op.add_column("consent", sa.Column("wording", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE consent SET wording = "
        "coalesce((SELECT words FROM wording WHERE version = wording_version), '')"
    )
    op.drop_column("consent", "wording_version")
    for table in ("wording", "erasure", "allowance", "wish"):
        op.drop_table(table)
