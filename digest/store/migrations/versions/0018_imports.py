"""Imports that can be resumed and undone; tags that came with readers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    tags = sa.Column("tags", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("subscription", tags)
    op.add_column("consent", sa.Column("import_id", BIG, nullable=True))
    op.add_column("consent", sa.Column("given_at", sa.DateTime(), nullable=True))
    op.add_column("consent", sa.Column("gained", sa.Text(), nullable=True))
    op.add_column("suppression", sa.Column("import_id", BIG, nullable=True))
    op.create_table(
        "import",
        sa.Column("id", BIG, nullable=False),
        sa.Column("newsletter", sa.String(40), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("evidence_from", BIG, nullable=False),
        sa.Column("evidence_to", BIG, nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import"),
    )
    op.create_index("ix_import_fingerprint", "import", ["fingerprint"])


def downgrade() -> None:
    op.drop_table("import")
    op.drop_column("suppression", "import_id")
    op.drop_column("consent", "gained")
    op.drop_column("consent", "given_at")
    op.drop_column("consent", "import_id")
    op.drop_column("subscription", "tags")
