"""The work that goes on by itself: the alarm clock that calls reconcile, the polls, the sending.

APScheduler is only the alarm clock: one process, memory job store, and jobs that ask the database
what is due. What it gets wrong by itself (two clocks, missed and doubled Sundays) then costs
30 seconds at most.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from digest import (
    alarm,
    dns_watch,
    housekeeping,
    identity,
    intake,
    link_checks,
    logs,
    measures,
    program,
    spans,
    writing,
)
from digest.audience import signup, uploads
from digest.bootstrap import House
from digest.delivery import refusals, reports, returns, sender
from digest.delivery.owner import owner_of
from digest.delivery.watch import Watch
from digest.errors import DigestError, FetchError, NoRoom
from digest.hooks import delivering
from digest.model import IssueStatus
from digest.protocols import Runner
from digest.reconcile import reconcile
from digest.sources.fetch import Limits, fetch
from digest.store import heartbeats, issues, jobs, watching

log = logs.get(__name__)

RECONCILE_EVERY_S = 30
POLL_EVERY_S = 60
BOUNCES_EVERY_S = 300
WRITE_EVERY_S = 60
LINKS_EVERY_S = 60
TIDY_EVERY_S = 3600
MEASURE_EVERY_S = 60
ALARM_EVERY_S = 60
TELL_EVERY_S = 10
DRAIN_EVERY_S = 2.0
LISTEN_AGAIN_S = 5.0

#: A ping is short: ten seconds, and what it answers is nobody's affair.
PING = Limits(seconds=10.0, size=100_000)

#: A worker that was not heard of for so long is remembered no more.
FORGET_WORKERS = dt.timedelta(hours=24)


def alarm_clock(house: House) -> BackgroundScheduler:
    """The scheduler, not yet started: reconcile, the polls of the sources, the bounce mailbox."""
    clock = BackgroundScheduler(timezone=dt.UTC)
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    soon = dt.datetime.now(dt.UTC)
    jobs = [
        (run_polls, POLL_EVERY_S),
        (run_reconcile, RECONCILE_EVERY_S),
        (run_tidying, TIDY_EVERY_S),
        (run_measuring, MEASURE_EVERY_S),
        (run_alarm, ALARM_EVERY_S),
        (run_links, LINKS_EVERY_S),
        (run_hooks, TELL_EVERY_S),
    ]
    if house.writer:
        jobs.append((run_writing, WRITE_EVERY_S))
    if house.mailbox:
        jobs.append((run_bounces, BOUNCES_EVERY_S))
    for job, every in jobs:
        clock.add_job(
            _as_one_span(job),
            "interval",
            args=[house],
            seconds=every,
            next_run_time=soon,
            id=job.__name__,
            **once,
        )
    return clock


def _as_one_span(job: Callable[[House], None]) -> Callable[[House], None]:
    """The job, told as one piece of work: `reconcile`, `polls`."""

    def run(house: House) -> None:
        with spans.span(job.__name__.removeprefix("run_")):
            job(house)

    return run


def run_reconcile(house: House) -> None:
    """One reconcile; an error is logged and the next one tries again. None where another house is the real one."""
    try:
        if _stands_aside(house):
            return
        _beat(house)
        poll_before_drafts(house)
        reconcile(house, now=house.clock())
        _ping(house)
    except Exception:
        log.exception("reconcile failed")


def _stands_aside(house: House) -> bool:
    """Whether somebody has said meanwhile that another copy of this house is the real one, or the database is gone under us.

    SQLite would go on in a file that has no name any more, and at the next start all of it would be lost.
    """
    try:
        gone = not house.database.is_there
        why = "" if gone else identity.doubt(house.database, house.data)
    except Exception:
        if not identity.is_blank(house.database):
            raise
        gone, why = True, ""
    if gone or why:
        why, remedy = (identity.LOST, _BACK) if gone else (why, identity.REMEDY)
        log.error("nothing is sent from here", why=why, remedy=remedy)
    return bool(why)


#: What a program that runs cannot do by itself: a copy that was put in the file's place is another file.
_BACK = f"end this program, {identity.GONE}; then start it again"


def _beat(house: House) -> None:
    """A sign of life of this very worker, for who counts them."""
    name, now = f"{watching.WORKER}{owner_of(house.flight)} {os.getpid()}", house.clock()
    with house.database.write() as session:
        heartbeats.beat(session, name, now=now)
        heartbeats.forget_before(session, watching.WORKER, now - FORGET_WORKERS)


def _ping(house: House) -> None:
    """Tell somebody outside that all is well: who misses it raises the alarm that we cannot raise any more."""
    if not alarm.is_time_to_ping(house, now=house.clock()):
        return
    try:
        fetch(house.vigilance.ping_url, allowed=house.fetch_allow, limits=PING)
    except FetchError as error:
        log.warning("the ping was not heard", why=error.reason)


def run_alarm(house: House) -> None:
    """Look for what threatens the next issue, and tell the operator."""
    try:
        dns_watch.look(house.database, house.vigilance, now=house.clock())
    except Exception:
        log.exception("DNS could not be looked at")
    try:
        if not _stands_aside(house):
            alarm.look(house, now=house.clock())
    except Exception:
        log.exception("looking for risks failed")


def run_hooks(house: House) -> None:
    """Tell webhooks what happened. A copy of the house tells nobody anything."""
    try:
        if not _stands_aside(house):
            delivering.deliver(house)
    except Exception:
        log.exception("telling webhooks failed")


def run_measuring(house: House) -> None:
    """Count what takes long, for `/metrics` and for who looks after risks."""
    try:
        measures.refresh(house.database, list(house.schedules), now=house.clock())
    except Exception:
        log.exception("counting failed")


def poll_before_drafts(house: House) -> None:
    """Right before a final draft every source is asked once more, so the last hour is in it."""
    for key, schedule in house.schedules.items():
        now = house.clock()
        period = schedule.calendar.period_at(now).isoformat()
        with house.database.read() as session:
            issue = issues.get(session, key, period, bare=True)
        if issue and issue.is_early and issue.status in (IssueStatus.DUE, IssueStatus.DRAFT):
            intervals = {source.key: source.every for source in schedule.sources}
            intake.poll(house.database, house.sources(key), intervals, now=now, force=True)


def run_polls(house: House) -> None:
    """Poll every source that is due; what is new is drafted at once."""
    found = 0
    for key, schedule in house.schedules.items():
        intervals = {source.key: source.every for source in schedule.sources}
        try:
            with logs.about(newsletter=key):
                polled = intake.poll(
                    house.database, house.sources(key), intervals, now=house.clock()
                )
            found += sum(one.stored.new for one in polled)
        except Exception:
            log.exception("the polls failed", newsletter=key)
    if found:
        run_reconcile(house)


def run_bounces(house: House) -> None:
    """Read the bounce mailbox once; what cannot be read now is read the next time."""
    assert house.mailbox is not None
    try:
        returns.collect(
            house.database,
            house.mailbox,
            key=house.key,
            now=house.clock(),
            goodbyes=house.goodbyes,
        )
    except DigestError as error:
        log.error("the bounce mailbox cannot be read", why=str(error))
    except Exception:
        log.exception("the bounce mailbox cannot be read")


def run_writing(house: House) -> None:
    """Ask the model for what the growing drafts lack; they are made without it meanwhile."""
    try:
        writing.write(house, now=house.clock())
    except Exception:
        log.exception("asking the model failed")


def run_links(house: House) -> None:
    """Ask for the links of final drafts: what does not open is told at the desk."""
    try:
        link_checks.look(house, now=house.clock())
    except Exception:
        log.exception("the links could not be asked")


def run_tidying(house: House) -> None:
    """Judge what the relay refused; empty what reports said in words once it is old; forget what is over."""
    try:
        refusals.judge_all(house.database, key=house.key, now=house.clock())
        reports.tidy(house.database, now=house.clock())
        housekeeping.each_night(house.database, house.schedules, key=house.key, now=house.clock())
        uploads.tidy(house.database, house.data, now=house.clock())
    except Exception:
        log.exception("tidying failed")


class Looking:
    """The Runner that looks every two seconds what is due: all that SQLite needs, and the floor elsewhere."""

    def __init__(self, house: House) -> None:
        self._house, self._watch = house, Watch(house)
        self._one_at_a_time = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._settle()
            self.drain(stop)
            stop.wait(DRAIN_EVERY_S)

    def _settle(self) -> None:
        """Wishes to subscribe that were put off, or that a web server left behind."""
        try:
            signup.settle(self._house, now=self._house.clock())
        except DigestError as error:
            log.warning("wishes to subscribe wait", why=str(error))
        except Exception:
            log.exception("wishes to subscribe failed")

    def drain(self, stop: threading.Event) -> None:
        """Send what is due, alone in this process. An error is logged: the next look tries again."""
        with self._one_at_a_time:
            if stop.is_set():
                return
            try:
                if _stands_aside(self._house):
                    return
                sent = sender.drain(self._house, stop=stop.is_set, watch=self._watch)
                if sent.handed_over:
                    reconcile(self._house, now=self._house.clock())
                self._watch.stands()
            except NoRoom as error:
                self._watch.no_room(str(error))
            except DigestError as error:
                log.error("sending stopped", why=str(error))
            except Exception:
                log.exception("sending failed")


class Woken:
    """The Runner that is woken by the queue besides: on PostgreSQL a worker starts as the audience is frozen.

    The queue is never needed: while it cannot be reached, or is not installed, looking goes on.
    """

    def __init__(self, house: House) -> None:
        self._database = house.database
        self._looking = Looking(house)

    def run(self, stop: threading.Event) -> None:
        listening = threading.Thread(target=self._listen, args=(stop,), name="queue")
        listening.start()
        self._looking.run(stop)
        listening.join()

    def _listen(self, stop: threading.Event) -> None:
        def drain(send_id: int) -> None:
            log.info("woken", send=send_id)
            self._looking.drain(stop)

        while not stop.is_set():
            try:
                asyncio.run(jobs.serve(self._database, drain, stop=stop.is_set))
            except DigestError as error:
                log.warning("the queue is away; looking goes on", why=str(error))
            except Exception:
                log.exception("the queue failed; looking goes on")
            stop.wait(LISTEN_AGAIN_S)


def runner_of(house: House) -> Runner:
    """How this worker gets its work: woken where there is a queue, else by looking. Says so once."""
    if house.database.is_sqlite:
        return Looking(house)
    if jobs.usable(house.database):
        return Woken(house)
    remedy = "run `digest migrate`" if jobs.installed() else "install sunday-catchup[queue]"
    log.warning("no queue wakes this worker; it looks every two seconds", remedy=remedy)
    return Looking(house)


@contextmanager
def everything(
    house: House, *, clock: bool = True, sending: bool = True
) -> Iterator[threading.Event]:
    """The scheduler and the sender in threads of this process, for as long as the block lasts."""
    program.mark()  # of what runs here, and of nothing that is installed over it later
    stop = threading.Event()
    alarm = alarm_clock(house) if clock else None
    thread = threading.Thread(target=_run, args=(house, stop), name="sender")
    if alarm:
        alarm.start()
    if sending:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        if alarm:
            alarm.shutdown(wait=True)
        if sending:
            thread.join()


def _run(house: House, stop: threading.Event) -> None:
    """The sender's thread: whatever fails, also before it is known how the work comes, it begins anew."""
    while not stop.is_set():
        try:
            runner_of(house).run(stop)
        except DigestError as error:
            log.error("sending cannot begin yet", why=str(error))
        except Exception:
            log.exception("the sender failed and begins anew")
        stop.wait(DRAIN_EVERY_S)


def work(house: House) -> None:
    """A worker alone: reconciles and sends until SIGTERM or Ctrl-C."""
    done = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        done.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    with everything(house):
        done.wait()
