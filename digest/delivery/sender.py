"""`drain`: notices first, then every chunk that is due, until nothing more can be sent now."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from digest import logs, spans
from digest.delivery import beside, collector, contests, editions, notices, pauses, room
from digest.delivery.choices import Arms, Choices, Made
from digest.delivery.claims import Claim
from digest.delivery.editions import NotMade
from digest.delivery.feed import SendFeed
from digest.delivery.house import DeliveryHouse
from digest.delivery.journal import Journal
from digest.delivery.lines import Door, keep_line
from digest.delivery.owner import owner_of
from digest.delivery.share import Share
from digest.delivery.tallied import Tallied
from digest.delivery.ticks import Results
from digest.delivery.trial import FIRST, Trial
from digest.delivery.verdicts import Job, Terms
from digest.delivery.watch import Watch
from digest.errors import NoRoom
from digest.model import FINAL, DeliveryState, UncertainPolicy
from digest.protocols import Progress, Provider, silent
from digest.store import chunks, deliveries, rests, sends
from digest.store.engine import Session
from digest.store.locks import ChunkLocks, Slots
from digest.store.rests import Rest
from digest.store.sends import Pause, Send, SendStatus

log = logs.get(__name__)

#: How long `until_empty` waits at the most before it looks again.
LOOK_AGAIN_S = 1.0

#: A send that was interrupted for longer asks before it goes on: the news is old, or the database a copy.
LONGEST_IDLE = dt.timedelta(hours=24)


@dataclass(slots=True)
class Drained:
    """What one drain did: results written for readers of sends, and notices settled.

    busy: chunks that another process had in hand.
    """

    handed_over: int = 0
    notices: int = 0
    busy: int = 0


def _trial(send: Send, counts: Mapping[DeliveryState, int]) -> Trial[tuple[Claim, Job]]:
    """Where the send stands with its trial, by what is on record."""
    answered = counts[DeliveryState.ACCEPTED] + counts[DeliveryState.FAILED]
    proven = send.proven or answered >= FIRST
    return Trial(proven=proven, welcome=counts[DeliveryState.ACCEPTED] > 0, answered=answered)


def _may_be_chosen(made: Made | Arms) -> bool:
    """True where readers may have chosen a form of the mail."""
    return made.choices if isinstance(made, Arms) else isinstance(made, Choices)


def _never() -> bool:
    return False


def drain(
    house: DeliveryHouse,
    *,
    progress: Progress = silent,
    until_empty: bool = False,
    stop: Callable[[], bool] = _never,
    watch: Watch | None = None,
) -> Drained:
    """Send what is due. `until_empty`: stay until every reader is final, also those deferred.

    `stop` is asked between messages; what is on the wire is finished first, also after Ctrl-C. Runs
    its own loop, so it must not be called from one. Raises what the database raises.
    """
    if not until_empty and not _anything(house):
        return Drained()
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    work = _Drain(house, progress, until_empty, stop)
    work.watch = watch or work.watch
    with collector.seldom(), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work.seen_through())


def _anything(house: DeliveryHouse) -> bool:
    now, owner = house.clock(), owner_of(house.flight)
    with house.database.read() as session:
        found = _unfinished(house, session)
        able = house.rests.able(house.providers, now)
        opened = [send for send in found if able and send.status is SendStatus.OPEN]
        return (
            notices.any_due(session, owner=owner, now=now)
            or sends.any_rested(session, now=now)
            or contests.any_due(session, now=now)
            or any(chunks.due_chunks(session, send.id, now=now, limit=1) for send in opened)
        )


def _unfinished(house: DeliveryHouse, session: Session) -> list[Send]:
    """The sends that are not done. Who let one go on has looked at the providers, too."""
    found = sends.unfinished(session)
    resumed = [send.resumed_at for send in found if send.resumed_at]
    asked_again = rests.asked_again_at(session)
    resumed += [asked_again] if asked_again else []
    house.rests.heard(max(resumed, default=None))
    return found


class _Drain:
    """One drain: rounds over the open sends, chunk by chunk, notices between them."""

    def __init__(
        self,
        house: DeliveryHouse,
        progress: Progress,
        until_empty: bool,
        stop: Callable[[], bool],
    ) -> None:
        self.house, self.progress, self.until_empty = house, progress, until_empty
        self.done, self.watch = Drained(), Watch(house)
        self._interrupted = False
        self._stop = stop
        self._owner = owner_of(house.flight)
        self._compiled: dict[int, Made | Arms] = {}
        self._told: dict[int, int] = {}
        self._tallied = Tallied(house)

    def stop(self) -> bool:
        return self._interrupted or self._stop()

    async def seen_through(self) -> Drained:
        """The drain; an interruption stops it as `stop` does, once the wire is empty."""
        work = asyncio.ensure_future(self._run())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self._interrupted = True
            await work
            raise

    async def _run(self) -> Drained:
        while not self.stop():
            try:
                room.look(self.house.flight)
                await self._round()
            except NoRoom as error:
                if not self.until_empty:
                    raise
                self.watch.no_room(str(error))
                await self._sleep(LOOK_AGAIN_S)
                continue
            if not self.until_empty or not await self._wait_for_more():
                break
        return self.done

    async def _round(self) -> None:
        now = self.house.clock()
        with self.house.database.read() as session:
            rested = sends.any_rested(session, now=now)
        if rested:
            with self.house.database.write() as session:
                sends.resume_rested(session, now=now)
        contests.decide_due(self.house, now=now)
        self.done.notices += await beside.send_now(self.house, stop=self.stop)
        over = asyncio.Event()
        others = asyncio.create_task(beside.send_until(over, self.house, stop=self.stop))
        try:
            for send in self._open_sends():
                if not self.stop():
                    with logs.about(newsletter=send.newsletter, issue=send.issue_id, send=send.id):
                        await self._work_on(send)
        finally:
            over.set()
            self.done.notices += await others

    def _open_sends(self) -> list[Send]:
        with self.house.database.read() as session:
            found = _unfinished(self.house, session)
            return [one for one in found if one.status is SendStatus.OPEN]

    # ------------------------------------------------------------ one send

    async def _work_on(self, send: Send) -> None:
        """Every due chunk of one send, by the first provider that can, until nothing more can be sent now."""
        if not (able := self._able()):
            return
        with self.house.database.read() as session:
            if not chunks.due_chunks(session, send.id, now=self.house.clock(), limit=1):
                return
            counts = deliveries.counts(session, send.id)
            idle = self.house.clock() - sends.last_sign(session, send, now=self.house.clock())
        if idle > LONGEST_IDLE:
            hours = int(idle.total_seconds() // 3600)
            self._pause(send, f"it was interrupted for {hours} h: is it still wanted?")
            return
        try:
            compiled = self._compile(send)
        except NotMade as error:
            self._pause(send, f"the mail cannot be made: {error}")
            return
        self._told[send.id] = sum(counts[state] for state in FINAL)
        self.progress("deliver", self._told[send.id], send.audience)
        self.watch.begins(send, self._told[send.id])
        for provider in able:
            with spans.span("send", send=send.id, issue=send.issue_id, provider=provider.name):
                feed = await self._by(provider, send, compiled, counts)
            if feed is None or not self._next_takes_over(send, provider, feed):
                return
            with self.house.database.read() as session:
                counts = deliveries.counts(session, send.id)

    def _able(self) -> list[Provider]:
        """The providers in their order, without those that rest."""
        return self.house.rests.able(self.house.providers, self.house.clock())

    def _next_takes_over(self, send: Send, provider: Provider, feed: SendFeed) -> bool:
        """What became of a send by one provider; True where another one should go on with it."""
        if feed.broken is not None:
            raise feed.broken
        if feed.stopped:
            self._pause(send, feed.stopped, provider)
            return False
        if feed.paced_until and not (feed.halted or feed.resting):
            if not self._is_worked_through(send):
                why = pauses.pace_words(self.house, provider.name)
                self._pause(send, why, provider, until=feed.paced_until)
            return False
        if not (feed.halted or feed.resting):
            return False
        return self._left_alone(send, provider, feed)

    def _left_alone(self, send: Send, provider: Provider, feed: SendFeed) -> bool:
        """A provider that can do nothing now rests; True where another one goes on.

        A send waits for a person only where none goes on by itself.
        """
        house, now = self.house, self.house.clock()
        base = dt.timedelta(seconds=house.retry_base_s)
        others = [one for one in house.providers if one.name != provider.name]
        able = house.rests.able(others, now)
        if feed.halted and not able and house.rests.all_halted(others, now):
            pauses.end_rests(house)  # whoever resumes it has mended one of them
            self._pause(send, feed.halted, provider)
            return False
        asks_for_time = bool(able or feed.halted or feed.by_policy)
        until = now + (5 * base if asks_for_time else base)
        why, instead = feed.halted or feed.resting, able[0].name if able else ""
        house.rests.begin(provider.name, until, halted=bool(feed.halted))
        rest = Rest(provider=provider.name, until=until, why=why, instead=instead)
        pauses.rest(house, send, rest)
        if asks_for_time and not able:
            first = house.rests.first_at(house.providers, now)
            self._pause(send, why, provider, until=first)
        return bool(able)

    def _is_worked_through(self, send: Send) -> bool:
        with self.house.database.read() as session:
            return chunks.is_worked_through(session, send.id)

    async def _by(
        self,
        provider: Provider,
        send: Send,
        compiled: Made | Arms,
        counts: Mapping[DeliveryState, int],
    ) -> SendFeed | None:
        """The send by one provider, as far as it goes now; None where other workers have every connection."""
        pause_s = min(1.0, self.house.retry_base_s)
        door = Door(provider, pause_s=pause_s, stop=self.stop)
        with ChunkLocks(self.house.database) as locks:
            share = Share(Slots(locks, provider.name, self.house.connections_in_all))
            if not await share.any_left():
                log.info("every connection is taken by other workers", send=send.id)
                await self._sleep(LOOK_AGAIN_S)
                return None
            terms = self._terms(send, provider)
            journal = Journal(
                self.house,
                send,
                terms,
                owner=self._owner,
                locks=locks,
                pace=self.house.pace_of(provider.name),
                choices=_may_be_chosen(compiled),
            )
            feed = SendFeed(
                journal=journal,
                compiled=compiled,
                trial=_trial(send, counts),
                stop=self.stop,
                in_flight=provider.channels * provider.in_flight,
                told=functools.partial(self._tell, send, provider.name),
            )
            ticking = asyncio.create_task(feed.keep())
            lines = (keep_line(door, feed, share) for _ in range(provider.channels))
            await asyncio.gather(*lines)
            feed.lines_ended()
            await ticking
            if feed.broken is not None:
                journal.abandon()
            self.done.busy += journal.busy
            self._tallied.write()
        return feed

    def _tell(self, send: Send, provider: str, results: Results) -> None:
        """Results are written: whoever watches sees it."""
        self._tallied.note(provider, results)
        self.done.handed_over += len(results.plain) + len(results.verdicts)
        final = sum(row.state in FINAL for row in results.verdicts)
        self._told[send.id] += len(results.plain) + final
        self.progress("deliver", self._told[send.id], send.audience)
        self.watch.results(send, results, self._told[send.id])

    def _terms(self, send: Send, provider: Provider) -> Terms:
        """A provider that knows the key again is always replayed; no other ever is."""
        policy = self.house.schedules[send.newsletter].deliver.uncertain
        if provider.replays:
            policy = UncertainPolicy.REPLAY
        elif policy is UncertainPolicy.REPLAY:
            policy = UncertainPolicy.HOLD
        return Terms(
            policy=policy,
            base_s=self.house.retry_base_s,
            give_up_s=self.house.give_up_s,
            provider=provider.name,
            replay_s=provider.replay_s,
        )

    def _compile(self, send: Send) -> Made | Arms:
        """Once a drain. Raises NotMade."""
        if send.id not in self._compiled:
            self._compiled[send.id] = editions.compiled_of(self.house, send)
        return self._compiled[send.id]

    def _pause(
        self,
        send: Send,
        reason: str,
        provider: Provider | None = None,
        *,
        until: dt.datetime | None = None,
    ) -> None:
        name, now = provider.name if provider else "", self.house.clock()
        why = Pause(reason=reason, until=until, provider=name, at=now)
        pauses.pause(self.house, send, why)

    # ------------------------------------------------------------ waiting

    async def _wait_for_more(self) -> bool:
        """True when another round may find work: a chunk waits, or another process here holds one.

        A clock that stands still while we wait brings nothing: so does a simulated one.
        """
        now = self.house.clock()
        soonest = self._soonest(now)
        if soonest is None:
            return False
        self.watch.stands()
        wait_s = (soonest - now).total_seconds()
        await self._sleep(min(max(wait_s, 0.05), LOOK_AGAIN_S))
        return wait_s <= 0 or self.house.clock() > now

    async def _sleep(self, seconds: float) -> None:
        while seconds > 0 and not self.stop():
            await asyncio.sleep(min(seconds, 0.1))
            seconds -= 0.1

    def _soonest(self, now: dt.datetime) -> dt.datetime | None:
        """When the next chunk that is ours to send is due, and a provider may be asked; None where there is none."""
        with self.house.database.read() as session:
            found = _unfinished(self.house, session)
            able_at = self.house.rests.first_at(self.house.providers, now)
            opened = [s for s in found if s.status is SendStatus.OPEN]
            dues = [chunks.next_due(session, s.id, owner=self._owner, now=now) for s in opened]
        waits = [max(due, able_at) for due in dues if due is not None]
        waits += [s.resume_at for s in found if s.status is SendStatus.PAUSED and s.resume_at]
        return min(waits, default=None)
