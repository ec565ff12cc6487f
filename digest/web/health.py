"""`/healthz`: is the clock of this house still ticking?"""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from digest.store import heartbeats, sends
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
