"""`/healthz`: is the clock of this house still ticking? `/readyz`: may it be given work?"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from digest import identity
from digest.bootstrap import House
from digest.delivery.room import LEAST_FREE
from digest.errors import ConfigError
from digest.store import heartbeats, migrate, sends
from digest.web.pages import SAFE, HouseHere

router = APIRouter(include_in_schema=False)

#: Reconcile runs every 30 s; older than this, nobody is looking at the clock.
OLDEST = dt.timedelta(seconds=120)


@router.api_route("/healthz", methods=SAFE)
def healthz(house: HouseHere) -> JSONResponse:
    """200 while the last reconcile is younger than two minutes, else 503; says which.

    paused: how many sends wait for a person. Starting the program anew would not help them.
    """
    with house.database.read() as session:
        last = heartbeats.last(session, "reconcile")
        paused = sum(send.waits_for_a_person for send in sends.unfinished(session))
    age = house.clock() - last if last else None
    fine = age is not None and age < OLDEST
    body = {
        "status": "ok" if fine else "late" if last else "never ran",
        "reconciled_at": last.isoformat() if last else None,
        "age_seconds": round(age.total_seconds()) if age is not None else None,
        "paused": paused,
    }
    return JSONResponse(body, status_code=200 if fine else 503)


@router.api_route("/readyz", methods=SAFE)
def readyz(house: HouseHere) -> JSONResponse:
    """200 where everything is there that work needs, else 503; each thing by its name, without paths or addresses."""
    checks = dict(_checks(house))
    fine = all(told == "ok" for told in checks.values())
    body = {"status": "ready" if fine else "not ready", "checks": checks}
    return JSONResponse(body, status_code=200 if fine else 503)


def _checks(house: House) -> Iterator[tuple[str, str]]:
    """What is looked at, and "ok" or what is wrong. Without a database nothing else of it is asked."""
    free = shutil.disk_usage(house.data).free
    yield "disk", "ok" if free >= LEAST_FREE else f"{free // 2**20} MB free: no send begins"
    if not house.database.is_there:
        yield "database", "gone"
        return
    try:
        schema = migrate.current(house.database)
    except Exception:
        yield "database", "away"
        return
    yield "database", "ok"
    if schema != migrate.newest():
        yield "schema", "not made yet" if schema is None else f"of version {schema}"
        return
    yield "schema", "ok"
    with house.database.read() as session:
        last = heartbeats.last(session, "reconcile")
    late = last is None or house.clock() - last >= OLDEST
    yield "reconcile", ("never ran" if last is None else "late") if late else "ok"
    try:
        yield "identity", "a copy" if identity.doubt(house.database, house.data) else "ok"
    except ConfigError:
        yield "identity", "cannot be read"
