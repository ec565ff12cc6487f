"""Statements that both databases know but SQLAlchemy's common ones do not: an insert that may find it done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert(session: Session, row: type[SQLModel]) -> postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the session's dialect.

    Both dialects' statements have the same methods; the type is that of one of them.
    """
    build: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: postgresql.Insert = build(row)
    return statement


def moved(session: Session, statement: Executable) -> int:
    """Execute a change and say how many rows it moved."""
    result: CursorResult[Any] = session.execute(statement)  # type: ignore[assignment]
    return result.rowcount
