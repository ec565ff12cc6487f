"""Long work that a page asked for, done beside the pages in a thread; what it is about is in the database.

A process that ends in the middle loses nothing: an import goes on where it was once somebody says so, a dry run and
an undoing begin anew.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request

from digest import logs
from digest.audience import error_file, imports, privacy, undo, uploads
from digest.audience.imports import Plan, Report
from digest.audience.standings import Standing
from digest.bootstrap import House
from digest.errors import Busy, Conflict, DigestError, NotFound
from digest.protocols import Progress
from digest.store import errands, subscribers
from digest.store.errands import Errand, Kind, State

log = logs.get(__name__)

#: How often a thread says how far it is, in seconds.
BEAT_S = 1.0
#: What stands in the ledger of consents for readers who came by a file of the desk.
WORDING = "taken over at the desk by an editor, who states to hold these readers' consent"

Work = Callable[[House, Errand, Progress], Mapping[str, Any]]


class Errands:
    """The threads of this process. One works at a time: a machine has other things to do on a Saturday."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, errand: Errand) -> None:
        """Begin, or go on with, what is `looking` or `running`."""
        self._threads = [one for one in self._threads if one.is_alive()]
        # a daemon: the process may end in the middle, see above
        context = contextvars.copy_context()  # from where it was asked for, for the log
        thread = threading.Thread(target=context.run, args=[self._run, errand], daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Until all that was begun is over; for tests."""
        for one in self._threads:
            one.join()

    def _run(self, errand: Errand) -> None:
        with _Beat(self._house, errand) as beat, self._turn:
            try:
                told = _WORK[errand.kind, errand.state](self._house, errand, beat.progress)
            except _Dropped:
                uploads.drop(self._house.data, errand.id)
                return
            except DigestError as error:
                end, told, why = State.FAILED, {}, self._plain(errand, error)
            except Exception:
                log.exception("an errand of the desk failed", errand=errand.id, kind=errand.kind)
                end, told, why = State.FAILED, {}, "something broke; it is in the log"
            else:
                end, why = _ENDS[errand.state], ""
        self._end(errand, end, told, why)

    def _plain(self, errand: Errand, error: DigestError) -> str:
        """What went wrong, the file called as its owner calls it and not by its place on this machine."""
        return str(error).replace(f"{uploads.folder(self._house.data, errand.id)}/", "")

    def _end(self, errand: Errand, end: State, told: Mapping[str, Any], why: str) -> None:
        try:
            with self._house.database.write() as session:
                now = self._house.clock()
                found = errands.by_id(session, errand.id)
                values = {
                    "told": dict(told),
                    "why": why,
                    "subject": told.get("import", found.subject),
                }
                errands.move(session, found, end, now=now, **values)
        except (Conflict, NotFound):
            uploads.drop(self._house.data, errand.id)  # dropped while it was looked at
            return
        if end is State.DONE:
            uploads.drop_file(self._house.data, errand.id, errand.file)
        log.info("an errand of the desk ended", errand=errand.id, kind=errand.kind, state=end)


def _of_app(request: Request) -> Errands:
    found: Errands = request.app.state.errands
    return found


ErrandsHere = Annotated[Errands, Depends(_of_app)]

_ENDS = {State.LOOKING: State.LOOKED, State.RUNNING: State.DONE}


class _Dropped(Exception):
    """Somebody does not want it any more."""


class _Beat:
    """Says every second how far an errand is, and hears whether it is still wanted."""

    def __init__(self, house: House, errand: Errand) -> None:
        self._house, self._errand = house, errand
        self._far = (errand.rows, errand.total)
        self._over, self._unwanted = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> _Beat:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def progress(self, stage: str, done: int, total: int) -> None:
        if self._unwanted.is_set():
            raise _Dropped
        self._far = (done, total)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                with self._house.database.write() as session:
                    now = self._house.clock()
                    if not errands.advance(session, self._errand.id, *self._far, now=now):
                        self._unwanted.set()
            except Busy:
                continue


# ---------------------------------------------------------------- what there is to do


def plan_of(house: House, errand: Errand) -> Plan:
    """How a file is to be read. Raises NotFound where this machine does not have it."""
    path = uploads.folder(house.data, errand.id) / uploads.safe_name(errand.file)
    if not path.is_file():
        raise NotFound("the file is not on this machine any more: upload it again")
    everybody = Standing.BLOCKED if errand.kind is Kind.BAR else None
    wording = WORDING if everybody is None else "a list of addresses that must not be mailed"
    return Plan(errand.newsletter, path, errand.columns, wording, errand.actor, everybody)


def _look(house: House, errand: Errand, progress: Progress) -> Mapping[str, Any]:
    plan = plan_of(house, errand)
    spoken = [
        {
            "name": table.name,
            "columns": table.layout.columns.spoken(),
            "sure": table.layout.columns.sure,
        }
        for table in plan.tables()
    ]
    return {**_taken(house, errand, progress, act=imports.try_dry), "tables": spoken}


def _take_over(house: House, errand: Errand, progress: Progress) -> Mapping[str, Any]:
    return _taken(house, errand, progress, act=imports.take_over)


def _taken(
    house: House,
    errand: Errand,
    progress: Progress,
    *,
    act: Callable[..., Report],
) -> Mapping[str, Any]:
    plan = plan_of(house, errand)
    beside = uploads.folder(house.data, errand.id) / uploads.ERRORS
    beside.unlink(missing_ok=True)
    began = time.monotonic()
    with error_file.written(beside) as tell:
        report = act(
            house.database, plan, key=house.key, clock=house.clock, progress=progress, tell=tell
        )
    return {
        "platform": report.platform,
        "total": report.total,
        "outcomes": {one.value: count for one, count in report.outcomes.items() if count},
        "refused": dict(report.refused),
        "odd": report.odd,
        "resumed_at": report.resumed_at,
        "seconds": round(time.monotonic() - began, 1),
        **({} if report.number is None else {"import": report.number}),
    }


def _undo(house: House, errand: Errand, progress: Progress) -> Mapping[str, Any]:
    done = undo.undo(
        house.database,
        errand.subject or 0,
        clock=house.clock,
        actor=errand.actor,
        progress=progress,
    )
    return {
        "removed": done.removed,
        "begun": done.begun,
        "emptied": done.emptied,
        "lifted": done.lifted,
        "kept": done.kept,
    }


def _erase(house: House, errand: Errand, progress: Progress) -> Mapping[str, Any]:
    with house.database.read() as session:
        reader = subscribers.by_id(session, errand.subject or 0)
    if reader is None:
        return {"rows": {}, "mails": 0, "left": [], "rewritten": False, "waits": False}
    done = privacy.erase(
        house.database,
        reader.address,
        key=house.key,
        data=house.data,
        now=house.clock(),
        by=errand.actor,
    )
    left = [str(path.relative_to(house.data)) for path in done.left]
    return {
        "rows": done.rows,
        "mails": done.mails,
        "left": left,
        "rewritten": done.rewritten,
        "waits": done.waits,
    }


_WORK: Mapping[tuple[Kind, State], Work] = {
    (Kind.IMPORT, State.LOOKING): _look,
    (Kind.IMPORT, State.RUNNING): _take_over,
    (Kind.BAR, State.LOOKING): _look,
    (Kind.BAR, State.RUNNING): _take_over,
    (Kind.UNDO, State.RUNNING): _undo,
    (Kind.ERASE, State.RUNNING): _erase,
}
