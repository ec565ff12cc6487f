"""A statement is compiled once in a process, not once in each database: that takes a third of many a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache

from digest.store import engine as engines

#: More than all tests together have of them.
_STATEMENTS = 5_000


@contextmanager
def once() -> Iterator[None]:
    """Each engine speaks the dialect of the first one of its kind that was connected, and keeps what that one compiled.

    So do those of processes that are forked meanwhile.
    """
    make, first = engines._engine, dict[str, Engine]()

    def made(url: str, busy_ms: int) -> Engine:
        engine = make(url, busy_ms)
        kind = engine.dialect.name
        if kind == "sqlite":
            event.listen(engine, "connect", _carelessly)
        if kind in first:
            engine.dialect = first[kind].dialect
            engine._compiled_cache = first[kind]._compiled_cache
        else:
            engine._compiled_cache = LRUCache(_STATEMENTS)
            event.listen(engine, "connect", lambda *_: first.setdefault(kind, engine))
        return engine

    with mock.patch.object(engines, "_engine", made):
        yield


def _carelessly(connection: Any, record: object) -> None:
    """A kill loses nothing by it, and a slow disk is not waited for at each commit: see `conftest.CARELESS`."""
    connection.execute("PRAGMA synchronous = OFF")
