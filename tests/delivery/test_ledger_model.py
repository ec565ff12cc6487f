"""The ledger as a game: two senders, crashes at any point, takeovers, leavers; the promise holds after every move."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from digest.bootstrap import House
from digest.delivery import verdicts
from digest.delivery.claims import Claim
from digest.delivery.flight import Mark
from digest.delivery.journal import Journal, Next, Results
from digest.delivery.owner import owner_of
from digest.delivery.verdicts import Job
from digest.errors import TryLater
from digest.model import FINAL, DeliveryState, Issue, SubscriberId, UncertainPolicy
from digest.store import chunks
from digest.store.engine import Database
from digest.store.locks import ChunkLocks
from tests.delivery.hands import HOLD, RESEND, leave, rows_of, terms_of
from tests.delivery.sundays import Post, a_house, later, names, put_frozen, send_of, states
from tests.delivery.test_journal import DiskIsFull, no_commit
from tests.delivery.test_takeover import elsewhere

READERS, CHUNK = 10, 4
ACTORS = st.integers(0, 1)
WORDS = st.sampled_from(["yes or no", "yes or no", "later", "lost"])


@dataclass
class Actor:
    """One sender as it stands: what it may hand over, what is on the wire, what it has heard."""

    house: House
    journal: Journal
    locks: ChunkLocks
    ready: deque[Next] = field(default_factory=deque)
    wire: list[tuple[Claim, Job, bool]] = field(default_factory=list)

    def results(self) -> list[Results]:
        found = [Results(one, one.plain, one.verdicts) for one in self.journal.claims]
        for one in self.journal.claims:
            one.plain, one.verdicts = [], []
        return found


class LedgerGame(RuleBasedStateMachine):
    """The world remembers what nobody else can know: who has how many copies, and who may be in doubt."""

    database: Database
    houses: tuple[House, House]
    issue: Issue
    policy: UncertainPolicy

    def __init__(self) -> None:
        super().__init__()
        self.actors: list[Actor | None] = [None, None]
        self.copies: Counter[SubscriberId] = Counter()
        self.on_the_wire: set[SubscriberId] = set()
        self.within_ahead: set[SubscriberId] = set()
        self._clean()

    def _clean(self) -> None:
        with self.database.write() as session:
            connection = session.connection()
            connection.exec_driver_sql("delete from delivery")
            connection.exec_driver_sql("update chunk set state = 'open', owner = '', ahead = 0")
            connection.exec_driver_sql("update chunk set due_at = null")
            connection.exec_driver_sql("update membership set until = null")
        for house in self.houses:
            shutil.rmtree(house.flight, ignore_errors=True)

    # ------------------------------------------------------------ moves

    @rule(
        who=ACTORS,
        wanted=st.integers(1, 6),
        handed=st.lists(st.booleans(), max_size=5),
        heard=st.lists(WORDS, max_size=4),
    )
    def works(self, who: int, wanted: int, handed: list[bool], heard: list[str]) -> None:
        """A tick, some hand-overs (True: it arrives) and some answers; it begins where it must."""
        if self.actors[who] is None:
            self.actors[who] = self._begun(self.houses[who])
        self.ticks(who, wanted)
        for arrives in handed:
            self._hand_over(who, arrives=arrives)
        for word in heard:
            self.hears(who, word)

    def _begun(self, house: House) -> Actor:
        locks = ChunkLocks(house.database)
        journal = Journal(
            house,
            send_of(house, self.issue),
            terms_of(house, self.policy),
            owner=owner_of(house.flight),
            locks=locks,
            pace=house.pace_of("post"),
        )
        return Actor(house, journal, locks)

    @rule(who=ACTORS, wanted=st.integers(0, 6))
    def ticks(self, who: int, wanted: int) -> None:
        actor = self.actors[who]
        if actor is not None:
            found = asyncio.run(actor.journal.tick(actor.results(), wanted=wanted, proven=True))
            actor.ready += found.ready

    def _hand_over(self, who: int, *, arrives: bool) -> None:
        actor = self.actors[who]
        if actor is None or not actor.ready:
            return
        claim, job, _ = actor.ready.popleft()
        claim.flight.together([job.slot])
        actor.wire.append((claim, job, arrives))
        self.copies[job.id] += arrives

    @rule(who=ACTORS, word=WORDS)
    def hears(self, who: int, word: str) -> None:
        actor = self.actors[who]
        if actor is None or not actor.wire:
            return
        claim, job, arrived = actor.wire.pop(0)
        now, terms = actor.house.clock(), actor.journal.terms
        if word == "lost":
            self.on_the_wire.add(job.id)
            claim.verdicts.append(verdicts.doubt(job, "no word", terms, now=now))
        elif arrived:
            self._accepted(claim, job, actor)
        elif word == "later":
            row = verdicts.later(job, TryLater("451"), terms, now=now)
            claim.flight[job.slot] = Mark.LATER if row.due_at else Mark.REFUSED
            claim.verdicts.append(row)
        else:
            claim.flight[job.slot] = Mark.REFUSED
            claim.verdicts.append(verdicts.refused(job, "550", now=now))

    def _accepted(self, claim: Claim, job: Job, actor: Actor) -> None:
        claim.flight[job.slot] = Mark.ACCEPTED
        if job.attempts:
            claim.verdicts.append(verdicts.accepted(job, now=actor.house.clock()))
        else:
            claim.plain.append(job.id)

    @rule(who=ACTORS)
    def is_killed(self, who: int) -> None:
        """With whatever is marked and not written, and whatever is on the wire."""
        actor, self.actors[who] = self.actors[who], None
        if actor is not None:
            self.on_the_wire |= {job.id for _, job, _ in actor.wire}
            for claim in actor.journal.claims:
                self.within_ahead |= set(claim.ids[: claim.ahead])
            actor.journal.abandon()
            actor.locks.close()

    @rule(who=ACTORS, wanted=st.integers(0, 6))
    def cannot_write_and_dies(self, who: int, wanted: int) -> None:
        actor = self.actors[who]
        if actor is not None:
            with no_commit(), pytest.raises(DiskIsFull):
                asyncio.run(actor.journal.tick(actor.results(), wanted=wanted, proven=True))
            self.is_killed(who)

    @rule(who=ACTORS)
    def stops_in_peace(self, who: int) -> None:
        actor = self.actors[who]
        if actor is None or actor.wire:
            return
        asyncio.run(actor.journal.tick(actor.results(), wanted=0, proven=True))
        actor.journal.put_down()
        actor.locks.close()
        self.actors[who] = None

    @rule(seconds=st.sampled_from([1, 6, 61, 400]))
    def time_passes(self, seconds: int) -> None:
        later(self.houses[0], seconds=seconds)

    @rule(reader=st.integers(0, READERS - 1))
    def leaves(self, reader: int) -> None:
        leave(self.houses[0], names(READERS)[reader])

    @precondition(lambda self: self.actors[1] is None and not self.database.is_sqlite)
    @rule()
    def a_killed_one_loses_its_folder(self) -> None:
        shutil.rmtree(self.houses[1].flight, ignore_errors=True)

    # ------------------------------------------------------------ the promise

    @invariant()
    def nobody_has_more_copies_than_the_policy_allows(self) -> None:
        most = 2 if self.policy is RESEND else 1
        assert max(self.copies.values(), default=0) <= most

    @invariant()
    def the_ledger_tells_the_truth(self) -> None:
        for row in rows_of(self.houses[0], self.issue):
            copies = self.copies[row.subscriber_id]
            if row.state is DeliveryState.ACCEPTED:
                assert copies
            elif row.state in (DeliveryState.FAILED, DeliveryState.SKIPPED):
                assert not copies
            elif row.state is DeliveryState.UNCERTAIN:
                assert row.subscriber_id in self._may_be_in_doubt()

    def _may_be_in_doubt(self) -> set[SubscriberId]:
        if self.database.is_sqlite:  # nobody takes over there: the map tells exactly
            return self.on_the_wire
        return self.on_the_wire | self.within_ahead

    @invariant()
    def the_states_sum_to_the_audience(self) -> None:
        assert sum(states(self.houses[0], self.issue).values()) == READERS

    def teardown(self) -> None:
        """Whatever happened, somebody sees it through, and nobody is lost."""
        for who in (0, 1):
            self.is_killed(who)
        for _ in range(40):
            if all(self._is_final()):
                break
            later(self.houses[0], minutes=30)
            self._one_round()
        assert all(self._is_final())
        self.nobody_has_more_copies_than_the_policy_allows()
        self.the_ledger_tells_the_truth()
        if self.database.is_sqlite:
            assert list(self.houses[0].flight.glob("*.map")) == []

    def _is_final(self) -> Iterator[bool]:
        rows = rows_of(self.houses[0], self.issue)
        yield len(rows) == READERS
        yield from (row.state in FINAL for row in rows)

    def _one_round(self) -> None:
        actor = self._begun(self.houses[0])
        self.actors[0] = actor
        self.ticks(0, 99)
        while actor.ready:
            self._hand_over(0, arrives=True)
            self.hears(0, "yes or no")
        self.stops_in_peace(0)


@pytest.mark.no_cover
@pytest.mark.parametrize("policy", [HOLD, RESEND])
def test_nobody_is_lost_and_nobody_gets_more_than_allowed_whatever_happens(
    database: Database, tmp_path: Path, policy: UncertainPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", CHUNK)
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(READERS))
    second = house if database.is_sqlite else elsewhere(house)
    game = type(
        "Game",
        (LedgerGame,),
        {
            "database": database,
            "houses": (house, second),
            "issue": issue,
            "policy": policy,
        },
    )
    quiet = settings(
        max_examples=25 if database.is_sqlite else 10,
        stateful_step_count=20,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),  # shrinking a game takes minutes
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(game, settings=quiet)
