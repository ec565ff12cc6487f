"""What the database's server says of itself: its version, its clock, what it lets us do, and how careful it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col

from digest.store.tables import EventRow, HeartbeatRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """version: as 150004 for 15.4. careful: what was committed survives a loss of power."""

    version: int
    now: dt.datetime
    encoding: str
    makes_tables: bool
    careful: bool


def postgres(session: Session) -> Server:
    """Of the PostgreSQL that this session is on."""
    asked = text(
        "SELECT current_setting('server_version_num')::int, clock_timestamp(), current_setting('server_encoding'),"
        " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),"
        " current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'"
    )
    version, now, encoding, makes_tables, careful = session.connection().execute(asked).one()
    return Server(
        version=version,
        now=now.astimezone(dt.UTC),
        encoding=encoding,
        makes_tables=makes_tables,
        careful=careful,
    )


def faults_of_sqlite(session: Session) -> list[str]:
    """What is damaged in the file, in its own words; it reads all of it."""
    try:
        rows = session.connection().exec_driver_sql("PRAGMA quick_check(5)").scalars().all()
    except DatabaseError as error:  # so damaged that it cannot even be looked over
        return [str(error.orig)]
    return [str(one) for one in rows if one != "ok"]


def newest_trace(session: Session) -> dt.datetime | None:
    """The newest moment that anybody has written down: no clock should be behind it."""
    found = [
        session.scalar(select(func.max(col(HeartbeatRow.at)))),
        session.scalar(select(func.max(col(EventRow.at)))),
    ]
    return max((one for one in found if one is not None), default=None)
