"""The tables of the queue that wakes workers: Procrastinate's own, on PostgreSQL, where it is installed.

Where it is installed later, `digest migrate` makes them then.
"""

from __future__ import annotations

from alembic import op

from digest.store import jobs

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    jobs.bring_up(op.get_bind())


def downgrade() -> None:
    jobs.take_down(op.get_bind())
