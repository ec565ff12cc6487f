"""A statement is compiled once in a process, not once in each database: that takes a third of many a test.

And all scripts of the migrations are read once, not by everybody who founds a house.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache

from digest.store import engine as engines

#: A kill loses nothing by it, and a slow disk is not waited for at each commit: SQLite's part of `conftest.CARELESS`.
CARELESS = "PRAGMA synchronous=OFF"

#: What stands for it outside the tests.
DURABLE = {name: getattr(engines, name) for name in ("_DURABLE", "_SOON_DURABLE")}

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
        if kind in first:
            engine.dialect = first[kind].dialect
            engine._compiled_cache = first[kind]._compiled_cache
        else:
            engine._compiled_cache = LRUCache(_STATEMENTS)
            event.listen(engine, "connect", lambda *_: first.setdefault(kind, engine))
        return engine

    with (
        mock.patch.multiple(engines, _engine=made, **dict.fromkeys(DURABLE, CARELESS)),
        mock.patch.object(ScriptDirectory, "from_config", _found),
    ):
        yield


_read = functools.cache(ScriptDirectory)


def _found(config: Config) -> ScriptDirectory:
    return _read(str(config.get_main_option("script_location")))
