"""A send in hand: its journal and its feed as the sender opens them, for one owner of a folder of maps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from digest.bootstrap import House
from digest.delivery.claims import Claim
from digest.delivery.compile import Compiled, compile_edition, envelope_of
from digest.delivery.feed import SendFeed
from digest.delivery.journal import Journal
from digest.delivery.owner import owner_of
from digest.delivery.ticks import Results, Tick
from digest.delivery.trial import Trial
from digest.delivery.verdicts import Job, Terms
from digest.model import Issue, UncertainPolicy
from digest.store import chunks, deliveries, issues, subscribers
from digest.store.chunks import Chunk
from digest.store.deliveries import Delivery
from digest.store.locks import ChunkLocks
from tests.delivery.sundays import send_of

HOLD, RESEND, REPLAY = UncertainPolicy.HOLD, UncertainPolicy.RESEND, UncertainPolicy.REPLAY


def terms_of(
    house: House, policy: UncertainPolicy = HOLD, *, provider: str = "post", replay_s: float = 86400
) -> Terms:
    return Terms(
        policy=policy, base_s=60, give_up_s=2 * 86400, provider=provider, replay_s=replay_s
    )


@contextmanager
def journal_of(house: House, issue: Issue, terms: Terms | None = None) -> Iterator[Journal]:
    """The journal of the issue's send. What it has in hand at the end is let go as a kill leaves it."""
    with ChunkLocks(house.database) as locks:
        journal = Journal(
            house,
            send_of(house, issue),
            terms or terms_of(house),
            owner=owner_of(house.flight),
            locks=locks,
            pace=house.pace_of("post"),
        )
        try:
            yield journal
        finally:
            journal.abandon()


def tick(
    journal: Journal,
    *results: Results,
    wanted: int = 0,
    proven: bool = False,
) -> Tick:
    return asyncio.run(journal.tick(results, wanted=wanted, proven=proven))


def compiled(house: House, issue: Issue) -> Compiled:
    with house.database.read() as session:
        found = issues.by_id(session, issue.id)
    assert found.edition is not None
    schedule = house.schedule("sunday")
    envelope = envelope_of(schedule, found.moments.send_at, house.public_url)
    return compile_edition(found.edition.rendered, envelope, key=house.key)


@dataclass
class Hearing:
    """What whoever watches a feed was told."""

    results: list[Results] = field(default_factory=list)
    stopping: bool = False

    def stop(self) -> bool:
        return self.stopping

    @property
    def written(self) -> int:
        return sum(len(one.plain) + len(one.verdicts) for one in self.results)


def feed_of(
    house: House,
    issue: Issue,
    journal: Journal,
    hearing: Hearing,
    *,
    in_flight: int = 4,
    trial: Trial[tuple[Claim, Job]] | None = None,
) -> SendFeed:
    """A feed on the running loop."""
    return SendFeed(
        journal=journal,
        compiled=compiled(house, issue),
        trial=trial or Trial(proven=True, welcome=True),
        stop=hearing.stop,
        in_flight=in_flight,
        told=hearing.results.append,
    )


def rows_of(house: House, issue: Issue) -> list[Delivery]:
    """The rows of the ledger, by the readers' ids."""
    with house.database.read() as session:
        found = deliveries.of_range(session, send_of(house, issue).id, 0, 2**62)
    return [found[one] for one in sorted(found)]


def chunks_of(house: House, issue: Issue) -> list[Chunk]:
    """The chunks that are not done, in order."""
    with house.database.read() as session:
        return chunks.left(session, send_of(house, issue).id)


def leave(house: House, address: str) -> None:
    """One reader leaves now."""
    with house.database.write() as session:
        found = subscribers.by_address(session, address)
        assert found is not None
        subscribers.leave(session, found.id, "sunday", now=house.clock(), method="page")
