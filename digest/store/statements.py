"""Statements that both databases know but SQLAlchemy's common ones do not: an insert that may find it done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    CursorResult,
    Delete,
    Integer,
    Table,
    Update,
    bindparam,
    func,
    inspect,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel


def insert(session: Session, row: type[SQLModel] | Table) -> postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the session's dialect.

    Both dialects' statements have the same methods; the type is that of one of them.
    """
    build: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement: postgresql.Insert = build(row)
    return statement


def among(session: Session, column: Mapped[int | None], ids: Sequence[int]) -> ColumnElement[bool]:
    """The condition that a column is one of many ids, sent as one value: a statement is planned once."""
    if session.get_bind().dialect.name == "sqlite":
        listed = text("SELECT value FROM json_each(:among)").bindparams(among=json.dumps(ids))
        return column.in_(listed.columns(Column("value", Integer)))
    array = bindparam("among", list(ids), type_=postgresql.ARRAY(BigInteger))
    return column == func.any(array)


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
