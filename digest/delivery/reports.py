"""What is done with reports: whose copy it was, what follows for the reader, what the operator hears.

A reader is known by the ref that only we can have made, else by the address that a provider names
over its own proven channel; mail that anybody may have written names nobody but by its ref.
Each event counts once, and the order in which they come in does not matter: the score is asked anew
of all that is known of a reader's copies.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from digest import logs
from digest.audience import addresses, bounces, tokens
from digest.audience.bounces import GRAVITY, MAILBOX, Copy, Verdict
from digest.errors import BadInput
from digest.model import DeliveryState, HookKind, Report, ReportKind
from digest.store import counters, events, hooks, leaving, reports, subscribers, suppressions
from digest.store.engine import Database, Session
from digest.store.reports import SentEdition
from digest.store.subscribers import Subscriber

log = logs.get(__name__)

#: A ref is believed for the editions of so long; what is older is nobody's news.
OLDEST = dt.timedelta(days=120)

#: A score looks back so far: a little more than the longest span that counts.
SCORE_SPAN = dt.timedelta(days=60)

#: The words of an event, which may hold an address, are emptied after so long.
RETENTION = dt.timedelta(days=30)

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")

#: A handle whose letters some server has made all small or all capital.
_FOLDED = re.compile(r"[a-z0-9_-]{22}|[A-Z0-9_-]{22}")

#: Happen to every copy; the ledger has them already, so nothing is kept.
_ORDINARY = (ReportKind.DELIVERED, ReportKind.DEFERRED)


@dataclass(slots=True)
class Applied:
    """What became of some reports. `verdicts` counts those that were new and of a reader of ours."""

    known: int = 0  # told before
    strangers: int = 0  # of no copy and no reader of ours
    suppressed: int = 0
    verdicts: dict[Verdict, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.known + self.strangers + sum(self.verdicts.values())


@dataclass(frozen=True, slots=True)
class _Whose:
    """A reader, and the copy where it is known. newsletter: "" where only the reader is known."""

    reader: Subscriber | None
    send_id: int | None
    newsletter: str


_NOBODY = _Whose(None, None, "")


def apply(database: Database, found: Iterable[Report], *, key: bytes, now: dt.datetime) -> Applied:
    """Take reports in, in one transaction: all of them, or none where it raises."""
    done = Applied()
    with database.write() as session:
        editions = reports.sent_editions(session, since=now - OLDEST)
        desk = _Desk(session, key, editions, done, now)
        for report in found:
            desk.take(report)
    log.info(
        "reports taken in",
        known=done.known,
        strangers=done.strangers,
        suppressed=done.suppressed,
        **{verdict.value: n for verdict, n in done.verdicts.items()},
    )
    return done


def tidy(database: Database, *, now: dt.datetime) -> int:
    """Empty the words of events that are older than RETENTION; how many were emptied."""
    with database.write() as session:
        return reports.empty_before(session, now - RETENTION)


@dataclass(slots=True)
class _Desk:
    """One transaction's reports."""

    session: Session
    key: bytes
    editions: Sequence[SentEdition]
    done: Applied
    now: dt.datetime

    def take(self, report: Report) -> None:
        report = _sane(report, self.now)
        whose = self._whose(report)
        verdict = _verdict(report, whose)
        if report.kind not in _ORDINARY and not self._keep(report, whose, verdict):
            return
        if whose.reader is None:
            self.done.strangers += 1
            return
        self.done.verdicts[verdict] = self.done.verdicts.get(verdict, 0) + 1
        news = self._note(report, whose, verdict)
        self._follow(report, whose.reader, whose, verdict, news=news)

    # ------------------------------------------------------------ whose it is

    def _whose(self, report: Report) -> _Whose:
        by_ref = self._by_ref(report.ref) if report.ref else _NOBODY
        if by_ref.send_id is not None or report.provider == MAILBOX:
            return by_ref
        return self._by_address(report)

    def _by_ref(self, ref: str) -> _Whose:
        """The copy that a ref proves; its reader may be erased since."""
        handle, dot, proof = ref.rpartition(".")
        read = self._read(ref)
        if read is None and _FOLDED.fullmatch(handle):
            alike = reports.handles_like(self.session, handle)
            read = next(filter(None, (self._read(one + dot + proof) for one in alike)), None)
        if read is None:
            return _NOBODY
        handle, edition = read
        reader = subscribers.by_handle(self.session, handle)
        return _Whose(reader, edition.send_id, edition.newsletter)

    def _read(self, ref: str) -> tuple[str, SentEdition] | None:
        read = tokens.read_ref(self.key, ref, (one.checksum for one in self.editions))
        if read is None:
            return None
        handle, checksum = read
        return handle, next(one for one in self.editions if one.checksum == checksum)

    def _by_address(self, report: Report) -> _Whose:
        """The reader of the address that a provider named, and the last copy they had by then."""
        try:
            key = addresses.parse(report.address).key
        except BadInput:
            return _NOBODY
        reader = subscribers.by_address(self.session, key)
        if reader is None:
            return _NOBODY
        copy = reports.newest_copy(self.session, reader.id, before=report.at)
        return _Whose(reader, *copy) if copy else _Whose(reader, None, "")

    # ------------------------------------------------------------ keeping

    def _keep(self, report: Report, whose: _Whose, verdict: Verdict) -> bool:
        """True where the event is to be acted on; mail of nobody's copy is not even kept.

        Of a reader who was erased no words are kept, for they may hold the address.
        """
        if report.provider == MAILBOX and whose.send_id is None:
            return True
        new = reports.insert(
            self.session,
            report,
            verdict=verdict.value,
            subscriber_id=whose.reader.id if whose.reader else None,
            send_id=whose.send_id,
            now=self.now,
            with_words=whose.reader is not None,
        )
        self.done.known += not new
        return new

    def _note(self, report: Report, whose: _Whose, verdict: Verdict) -> bool:
        """Beside the ledger; True where that changed anything. A delivery is news only of a doubt."""
        if whose.send_id is None or whose.reader is None or verdict is Verdict.NOTHING:
            return False
        copy = whose.send_id, whose.reader.id
        if verdict is Verdict.DELIVERED and not self._settles_a_doubt(*copy):
            return False
        return reports.note_outcome(
            self.session,
            *copy,
            verdict.value,
            status=report.status,
            at=report.at,
            lesser=[one.value for one in GRAVITY[: GRAVITY.index(verdict)]],
        )

    def _settles_a_doubt(self, send_id: int, reader_id: int) -> bool:
        return reports.state(self.session, send_id, reader_id) is DeliveryState.UNCERTAIN

    # ------------------------------------------------------------ what follows

    def _follow(
        self, report: Report, reader: Subscriber, whose: _Whose, verdict: Verdict, *, news: bool
    ) -> None:
        """The score is asked only where a copy came back that had not: else nothing is new in it."""
        if news and verdict in (Verdict.HARD, Verdict.SOFT):
            self._tell(HookKind.READER_BOUNCED, report, reader, whose)
        if verdict is Verdict.OURS:
            self._alert(report, whose)
        elif verdict is Verdict.COMPLAINT:
            self._tell(HookKind.READER_COMPLAINED, report, reader, whose)
            self._leave(reader, whose, method="complaint")
            self._suppress(report, reader, "complaint")
        elif verdict is Verdict.LEFT:
            self._leave(reader, whose, method="provider")
        elif verdict is Verdict.HARD:
            self._suppress(report, reader, "hard_bounce")
        elif verdict is Verdict.SOFT and news and self._worn_out(reader):
            self._suppress(report, reader, "soft_bounce")

    def _worn_out(self, reader: Subscriber) -> bool:
        reports.lock(self.session, reader.id)
        found = reports.fates(self.session, reader.id, since=self.now - SCORE_SPAN)
        copies = ((one.sent_at, _came_back(one)) for one in found)
        return bounces.worn_out(Copy(at, back) for at, back in copies if back is not None)

    def _suppress(self, report: Report, reader: Subscriber, reason: str) -> None:
        hashed = tokens.address_hash(self.key, addresses.parse(reader.address).key)
        known = suppressions.is_suppressed(self.session, hashed, at=self.now)
        detail = f"{report.provider} {report.status}".rstrip()
        suppressions.add(self.session, hashed, reason=reason, now=self.now, detail=detail)
        if known:
            return
        self.done.suppressed += 1
        data = {"reason": reason, "status": report.status}
        self._record(report, "suppressed", f"subscriber:{reader.id}", data)

    def _tell(self, kind: HookKind, report: Report, reader: Subscriber, whose: _Whose) -> None:
        """Webhooks of the copy's newsletter hear of it; where that is not known, of each that the reader has."""
        known = (
            [whose.newsletter]
            if whose.newsletter
            else subscribers.newsletters(self.session, reader.id)
        )
        data = {"status": report.status}
        for newsletter in known:
            hooks.tell(self.session, newsletter, kind, now=self.now, reader=reader.id, data=data)

    def _leave(self, reader: Subscriber, whose: _Whose, *, method: str) -> None:
        """The newsletter of the copy, every one where that is not known; also what goes on at another address."""
        session = self.session
        known = (
            [whose.newsletter]
            if whose.newsletter
            else [*subscribers.newsletters(session, reader.id), *leaving.moved(session, reader.id)]
        )
        for newsletter in known:
            now_at = leaving.now_at(session, reader.id, newsletter)
            subscribers.leave(session, now_at, newsletter, now=self.now, method=method)

    def _alert(self, report: Report, whose: _Whose) -> None:
        """A receiver speaks of us: told at the first, the tenth, the hundredth ... of a day."""
        day = dt.timedelta(days=1)
        bucket = f"ours:{whose.send_id}:{report.status}"
        count = counters.hit(self.session, bucket, now=self.now, span=day)
        if str(count).strip("0") != "1":
            return
        log.error(
            "mail is refused for what we are", send=whose.send_id, status=report.status, count=count
        )
        data = {"status": report.status, "count": count}
        self._record(report, "policy bounce", f"send:{whose.send_id}", data)

    def _record(
        self, report: Report, action: str, subject: str, data: Mapping[str, object]
    ) -> None:
        actor = f"report:{report.provider}"
        events.record(
            self.session, at=self.now, actor=actor, action=action, subject=subject, data=data
        )


def _sane(report: Report, now: dt.datetime) -> Report:
    """With a status that is one or none, and a time with a zone that is not in the future."""
    at = report.at if report.at.tzinfo else report.at.replace(tzinfo=dt.UTC)
    status = report.status if _STATUS.fullmatch(report.status) else ""
    return replace(report, at=min(at, now), status=status)


def _verdict(report: Report, whose: _Whose) -> Verdict:
    """Mail about an address that is not the reader's own tells of a forwarding, not of the reader."""
    verdict = bounces.judge(report.kind, report.status, report.detail)
    if verdict is Verdict.HARD and report.provider == MAILBOX and not _is_own(report, whose.reader):
        return Verdict.SOFT
    return verdict


def _is_own(report: Report, reader: Subscriber | None) -> bool:
    if not report.address or reader is None:
        return True
    try:
        return addresses.parse(report.address).key == addresses.parse(reader.address).key
    except BadInput:
        return False


def _came_back(fate: reports.Fate) -> bool | None:
    """Of one copy: it came back, it arrived, or (None) nothing about the reader is known from it.

    What a receiver says of us, and what settles a doubt, change nothing here: so the same events
    come to the same end in whatever order they are told. A refusal counts once it is judged.
    """
    if fate.outcome in (Verdict.SOFT, Verdict.HARD):
        return True
    return False if fate.state is DeliveryState.ACCEPTED else None
