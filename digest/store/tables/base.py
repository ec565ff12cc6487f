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
from sqlalchemy.types import TypeDecorator, TypeEngine
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


class ShortDateTime(TypeDecorator[dt.datetime]):
    """An aware time to the millisecond; on SQLite an integer, six bytes where a text takes 26.

    For the one table with a row for each copy of each mail.
    """

    impl = DateTime(timezone=False)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else self.impl)

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        if dialect.name == "sqlite":
            return milliseconds(value)
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        return moment_of(value)


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def moment_of(stored: dt.datetime | int | None) -> dt.datetime | None:
    """A time as `ShortDateTime` stores it on either database."""
    if stored is None or isinstance(stored, dt.datetime):
        return None if stored is None else stored.replace(tzinfo=dt.UTC)
    return EPOCH + dt.timedelta(milliseconds=stored)


def milliseconds(moment: dt.datetime) -> int:
    """Since 1970, rounded down."""
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


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
