"""`/metrics` for Prometheus: everything out of the database, so that it is the same whichever process is asked.

Few labels, and none of them names a person. What takes long is never counted here (`digest/measures.py`),
and one answer is given for five seconds to whoever asks. With DIGEST_METRICS_TOKEN it needs that token; without one it
answers this machine alone, and nothing that came by way of a proxy.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import shutil
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from digest import __version__, measures
from digest.bootstrap import House
from digest.errors import DigestError
from digest.model import IssueStatus
from digest.store import (
    heartbeats,
    issues,
    migrate,
    notices,
    polls,
    risks,
    sends,
    tallies,
    watching,
)
from digest.store.engine import Session
from digest.web.pages import SAFE, HouseHere

router = APIRouter(include_in_schema=False)

#: So long one answer is given, in seconds of the machine.
CACHED_S = 5.0
#: A worker gave a sign of life within this time.
ALIVE = dt.timedelta(minutes=2)
#: Headers by which a proxy shows itself.
FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "via")


@dataclass(frozen=True, slots=True)
class Spec:
    """One metric: what it is, and its labels."""

    help: str
    labels: tuple[str, ...] = ()
    counts: bool = False


#: Every metric that there is. Ages are in seconds; one that never was has no line.
SPECS: dict[str, Spec] = {
    "digest_up": Spec("1 where the database could be asked."),
    "digest_build_info": Spec("The program and its tables.", ("version", "schema", "database")),
    "digest_reconcile_age_seconds": Spec("Since the last reconcile; red from 120 on."),
    "digest_workers": Spec("Workers that gave a sign of life within two minutes."),
    "digest_source_age_seconds": Spec(
        "Since a source was last read well.", ("newsletter", "source")
    ),
    "digest_source_failures": Spec(
        "Polls of a source that failed one after another.", ("newsletter", "source")
    ),
    "digest_queue_age_seconds": Spec(
        "How long the oldest notice, or reader of an open send, has been due.", ("queue",)
    ),
    "digest_notices_waiting": Spec("Confirmations, logins and the like that have not left."),
    "digest_ledger_lag_seconds": Spec(
        "Since the sender that was heard of longest ago wrote to the ledger; 0 where none is at it."
    ),
    "digest_sends_paused": Spec("Sends that wait for a person."),
    "digest_issue_status": Spec(
        "1 for the status of a newsletter's newest issue.", ("newsletter", "status")
    ),
    "digest_issue_send_timestamp_seconds": Spec(
        "When that issue is sent, in Unix time.", ("newsletter",)
    ),
    "digest_deliveries_total": Spec(
        "Results by provider since the beginning; `queued` is a deferral. Nearly exact.",
        ("provider", "state"),
        counts=True,
    ),
    "digest_send_readers": Spec(
        "Readers of a newsletter's newest send by state. Exact.", ("newsletter", "state")
    ),
    "digest_send_returned": Spec(
        "Copies of it that came back or were complained of.", ("newsletter", "outcome")
    ),
    "digest_reports": Spec("Bounces and complaints of the last seven days.", ("kind",)),
    "digest_subscriptions": Spec(
        "Readers of a newsletter by status; sign-ups are `pending`.", ("newsletter", "status")
    ),
    "digest_database_bytes": Spec("Size of the database."),
    "digest_disk_free_bytes": Spec("Free on the disk of the data folder."),
    "digest_backup_age_seconds": Spec("Since the last backup that was finished."),
    "digest_measures_age_seconds": Spec("Since what takes long was last counted."),
    "digest_risks": Spec("Risks that stand and that the operator was told of."),
}

Sample = tuple[str, tuple[str, ...], float]


@dataclass(slots=True)
class Cache:
    """One answer, for as long as it is fresh. Who comes while it is made waits for it."""

    text: bytes = b""
    made_at: dt.datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, house: House) -> bytes:
        with self.lock:
            now = house.clock()
            if self.made_at is None or not 0 <= (now - self.made_at).total_seconds() < CACHED_S:
                self.text, self.made_at = exposition(house), now
            return self.text


@router.api_route("/metrics", methods=SAFE)
def metrics(request: Request, house: HouseHere) -> Response:
    """The text format of Prometheus; 401 or 403 for who may not see it."""
    if house.metrics_token:
        if not _knows(request, house.metrics_token):
            return PlainTextResponse(
                "Give the token: Authorization: Bearer ...\n", 401, {"www-authenticate": "Bearer"}
            )
    elif not is_of_this_machine(request):
        told = "Only for this machine itself; DIGEST_METRICS_TOKEN opens it to who has the token."
        return PlainTextResponse(told + "\n", 403)
    cache: Cache = request.app.state.metrics
    return Response(cache.of(house), headers={"content-type": CONTENT_TYPE_LATEST})


def _knows(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def is_of_this_machine(request: Request) -> bool:
    """From a loopback address and by no proxy: behind one everybody comes from there."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def exposition(house: House) -> bytes:
    """All metrics as text. Where the database is away: `digest_up 0` and what needs none."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(house))
    return generate_latest(registry)


class _Collector(Collector):
    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for name, labels, value in self._samples():
            spec = SPECS[name]
            kind = CounterMetricFamily if spec.counts else GaugeMetricFamily
            family = families.setdefault(name, kind(name, spec.help, labels=spec.labels))
            family.add_metric(labels, value)  # type: ignore[attr-defined]
        return families.values()

    def _samples(self) -> list[Sample]:
        free = float(shutil.disk_usage(self._house.data).free)
        found: list[Sample] = [("digest_disk_free_bytes", (), free)]
        try:
            found += _asked(self._house)
        except DigestError:
            return [*found, ("digest_up", (), 0.0)]
        return [*found, ("digest_up", (), 1.0)]


def _asked(house: House) -> list[Sample]:
    now, database = house.clock(), house.database
    schema = migrate.current(database) or "none"
    kind = database.engine.dialect.name
    found: list[Sample] = [("digest_build_info", (__version__, schema, kind), 1.0)]
    if schema != migrate.newest():
        return found  # its tables are others
    with database.read() as session:
        found += _beats(session, now)
        found += _queues(session, now)
        for key, schedule in house.schedules.items():
            found += _sources(session, key, schedule.source_keys, now)
            found += _issue(session, key)
        found += _measured(session, now)
        for (provider, state), count in tallies.all_of(session, "delivery").items():
            found.append(("digest_deliveries_total", (provider, state), float(count)))
        found.append(("digest_risks", (), float(risks.told(session))))
    return found


def _beats(session: Session, now: dt.datetime) -> Iterator[Sample]:
    for name in ("reconcile", "backup"):
        if last := heartbeats.last(session, name):
            yield f"digest_{name}_age_seconds", (), (now - last).total_seconds()
    yield "digest_workers", (), float(watching.workers(session, since=now - ALIVE))


def _queues(session: Session, now: dt.datetime) -> Iterator[Sample]:
    queues = {
        "notices": watching.oldest_notice(session, now=now),
        "readers": watching.oldest_reader(session, now=now),
    }
    for name, since in queues.items():
        age = (now - since).total_seconds() if since else 0.0
        yield "digest_queue_age_seconds", (name,), age
    yield "digest_notices_waiting", (), float(notices.pending(session))
    beat = watching.oldest_beat(session)
    yield "digest_ledger_lag_seconds", (), (now - beat).total_seconds() if beat else 0.0
    paused = sum(send.waits_for_a_person for send in sends.unfinished(session))
    yield "digest_sends_paused", (), float(paused)


def _sources(
    session: Session, newsletter: str, keys: Iterable[str], now: dt.datetime
) -> Iterator[Sample]:
    for one in polls.health(session, list(keys)):
        labels = (newsletter, one.source)
        yield "digest_source_failures", labels, float(one.failures)
        if one.succeeded_at:
            age = (now - one.succeeded_at).total_seconds()
            yield "digest_source_age_seconds", labels, age


def _issue(session: Session, newsletter: str) -> Iterator[Sample]:
    for issue in issues.recent(session, newsletter, limit=1):
        for status in IssueStatus:
            here = float(issue.status is status)
            yield "digest_issue_status", (newsletter, status.value), here
        at = issue.moments.send_at.timestamp()
        yield "digest_issue_send_timestamp_seconds", (newsletter,), at


def _measured(session: Session, now: dt.datetime) -> Iterator[Sample]:
    found = measures.kept(session)
    if found is None:
        return
    yield "digest_measures_age_seconds", (), (now - found.at).total_seconds()
    yield "digest_database_bytes", (), float(found.size)
    for newsletter, one in found.sends.items():
        for state, count in one.states.items():
            yield "digest_send_readers", (newsletter, state), float(count)
        for outcome, count in one.outcomes.items():
            yield "digest_send_returned", (newsletter, outcome), float(count)
    for newsletter, statuses in found.subscriptions.items():
        for status, count in statuses.items():
            yield "digest_subscriptions", (newsletter, status), float(count)
    for kind, count in found.reports.items():
        yield "digest_reports", (kind,), float(count)
