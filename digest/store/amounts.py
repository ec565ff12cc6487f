"""How much there is of what: for the list of a backup, and for who compares two houses."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlmodel import Session, SQLModel, col

from digest.store.tables import DeliveryRow, IssueRow, MembershipRow, SendRow, SubscriberRow

_TABLES: dict[str, type[SQLModel]] = {
    "issues": IssueRow,
    "readers": SubscriberRow,
    "sends": SendRow,
    "deliveries": DeliveryRow,
}


def of_everything(session: Session) -> dict[str, int]:
    """Rows of the tables that people ask about, and the readers who are confirmed now."""
    counted = {name: _rows(session, table) for name, table in _TABLES.items()}
    open_spans = select(func.count()).select_from(MembershipRow)
    confirmed = session.scalar(open_spans.where(col(MembershipRow.until).is_(None)))
    return counted | {"confirmed": confirmed or 0}


def _rows(session: Session, table: type[SQLModel]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def size(session: Session) -> int:
    """Bytes of the whole database on its disk, as it says itself."""
    if session.get_bind().dialect.name == "sqlite":
        asked = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    else:
        asked = "SELECT pg_database_size(current_database())"
    return int(session.execute(text(asked)).scalar_one())
