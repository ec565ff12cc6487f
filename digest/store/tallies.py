"""Counts that only grow, for graphs: near the truth. What must be exact is asked of the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import TallyRow

#: (what is counted, by which provider, what became of it).
Label = tuple[str, str, str]


def add(session: Session, counts: Mapping[Label, int]) -> None:
    """Count on. In the order of the labels, so that two who count never wait for each other crosswise."""
    for (name, provider, state), count in sorted(counts.items()):
        values = {"name": name, "provider": provider[:40], "state": state[:20], "count": count}
        statement = statements.insert(session, TallyRow).values(**values)
        more = {"count": col(TallyRow.count) + statement.excluded.count}
        keys = ["name", "provider", "state"]
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=more))


def all_of(session: Session, name: str) -> dict[tuple[str, str], int]:
    """Everything that was counted under a name, by provider and state."""
    rows = session.scalars(
        select(TallyRow)
        .where(col(TallyRow.name) == name)
        .order_by(col(TallyRow.provider), col(TallyRow.state)),
        execution_options={"populate_existing": True},
    )
    return {(row.provider, row.state): row.count for row in rows}
