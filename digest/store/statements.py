"""Statements that both databases know but SQLAlchemy's common ones do not: an insert that may find it done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CursorResult,
    Delete,
    Table,
    Update,
    bindparam,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert(session: Session, row: type[SQLModel] | Table) -> postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the session's dialect.

    Both dialects' statements have the same methods; the type is that of one of them.
    """
    build: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: postgresql.Insert = build(row)
    return statement


def inserted(session: Session, row: type[SQLModel], **values: Any) -> bool:
    """Insert one row; False where it, or one that excludes it, is there already."""
    first, *_ = inspect(row).primary_key
    statement = insert(session, row).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(first)).first() is not None


def moved(session: Session, statement: Update | Delete) -> int:
    """Execute a change and say how many rows it moved. Rows in the session are left as they were."""
    changed = statement.execution_options(synchronize_session=False)
    result: CursorResult[Any] = session.execute(changed)  # type: ignore[assignment]
    return result.rowcount


def among(session: Session, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """That a column is one of many values, given as one: databases have limits of bound values."""
    return _among(session, column, bindparam(None, as_one(session, values)))


def among_bound(session: Session, column: Any, name: str) -> ColumnElement[bool]:
    """The same of values that are bound later, `as_one`, under a name.

    A statement is held until Python's collector comes by, and thousands of values in it as long.
    """
    return _among(session, column, bindparam(name))


def as_one(session: Session, values: Sequence[Any]) -> Any:
    """Many values as one that can be bound."""
    return json.dumps(values) if session.get_bind().dialect.name == "sqlite" else list(values)


def _among(session: Session, column: Any, bound: BindParameter[Any]) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(bound).table_valued("value")
        return column.in_(select(listed.c.value))  # type: ignore[no-any-return]
    return column == func.any(bound)  # type: ignore[no-any-return]
