"""What all tables share: the base row, UTC times, and the columns that stand in many."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    Text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware time, stored as UTC without zone; a naive one is refused at the door."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


class Row(SQLModel):
    """The base of all tables, with names for every constraint so that migrations can speak of them."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


# SQLite counts up by itself only for INTEGER; PostgreSQL wants 64 bits.
BigId = BigInteger().with_variant(Integer, "sqlite")


def row_id() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True, autoincrement=True))


def row_key(target: str, *, primary: bool = False, index: bool = False) -> Any:
    column: Column[int] = Column(
        BigId,
        ForeignKey(target, ondelete="CASCADE"),
        nullable=False,
        primary_key=primary,
        index=index,
    )
    return Field(sa_column=column)


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    column: Column[dt.datetime] = Column(UtcDateTime(), nullable=nullable, index=index)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def long_text(default: str | None = "") -> Any:
    return Field(default=default, sa_column=Column(Text, nullable=default is None))


def document() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
