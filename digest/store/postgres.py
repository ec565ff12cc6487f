"""PostgreSQL within time: whether it is locked, slow, hung or out of reach, nothing of ours waits for ever.

Locks: the server gives up waiting after `busy_ms`. A statement: the server gives it up after a quarter
of an hour. A network that is cut: both sides ask after each other (keep-alive). A server, or something
before it, that takes what is sent and says nothing: after some seconds of silence a second connection
is tried. Is that answered, the statement is only a long one, and waited for; else the first is given up.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Engine, create_engine, event

Result = TypeVar("Result")

#: How long a server may take to welcome a connection, and so much silence is nothing yet. Seconds.
CONNECT_S = 10
SILENT_S = 10.0
#: How soon a second connection must be welcome, where the first is silent. Seconds, 2 at the least.
PROBE_S = 5

#: A statement that takes longer is none of ours: the audience of a million is frozen in seconds.
STATEMENT_MS = 900_000

#: What is asked after a silent line, and how soon it is taken for cut; of libpq, for our side of it.
#: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
LINE = {
    "connect_timeout": CONNECT_S,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 5,
    "tcp_user_timeout": 15_000,
}

#: The same for the server's side: what a vanished machine had locked is free within seconds.
#: https://www.postgresql.org/docs/current/runtime-config-connection.html#RUNTIME-CONFIG-TCP-SETTINGS
_SESSION = """
SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3;
SET tcp_user_timeout = 6000; SET lock_timeout = {lock_ms}; SET statement_timeout = {statement_ms}
"""


def engine_of(url: str, busy_ms: int) -> Engine:
    """An engine whose connections keep these limits. What the URL itself says goes before."""
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=5, max_overflow=20, hide_parameters=True
    )
    line = {key: value for key, value in LINE.items() if key not in engine.url.query}
    silent_s = min(SILENT_S, busy_ms / 1000)

    def connect(dialect: Any, record: Any, unnamed: Any, given: dict[str, Any]) -> Any:
        return Watched.opened({**line, **given}, silent_s)

    def begin(connection: Any, record: Any) -> None:
        connection.execute(_SESSION.format(lock_ms=busy_ms, statement_ms=STATEMENT_MS))
        connection.commit()

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", begin)
    return engine


def address_of(url: URL) -> str:
    """What libpq calls this database, with the limits of the line, for whoever connects without an engine."""
    plain = url.set(drivername="postgresql")
    line = {key: str(value) for key, value in LINE.items() if key not in url.query}
    return plain.update_query_dict(line).render_as_string(hide_password=False)


class Watched(psycopg.Connection[Any]):
    """A connection that is given up where its server says nothing, and welcomes nobody else either."""

    given: dict[str, Any]
    silent_s: float = SILENT_S

    @classmethod
    def opened(cls, given: dict[str, Any], silent_s: float) -> Watched:
        found = cls.connect(**given)
        found.given, found.silent_s = given, silent_s
        return found

    def wait(self, gen: PQGen[Result], *args: Any, **limits: Any) -> Result:
        return super().wait(self._heard(gen), *args, **limits)

    def _heard(self, gen: PQGen[Result]) -> Generator[Any, Any, Result]:
        """The same steps; in between, with nothing ready, the driver asks ten times a second whether to go on."""
        try:
            wanted, heard = next(gen), time.monotonic()
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > self.silent_s:
                    self._ask_after()
                    heard = time.monotonic()
                wanted = gen.send(ready)
        except StopIteration as over:
            result: Result = over.value
            return result

    def _ask_after(self) -> None:
        """Raises OperationalError, with the connection closed, where nobody is there any more."""
        try:
            psycopg.connect(**{**self.given, "connect_timeout": PROBE_S}).close()
        except psycopg.errors.ConnectionTimeout as error:
            self.close()
            raise psycopg.OperationalError("the server says nothing any more") from error
        except psycopg.Error:
            return  # it answers, if only to say no
