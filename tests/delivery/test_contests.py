"""Two subjects: everybody gets one copy, the figures choose once, and nothing that happens meanwhile harms it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import variants
from digest.audience import addresses
from digest.bootstrap import House
from digest.delivery import contests as steps
from digest.delivery import finish, freeze, sender, steer
from digest.delivery.restored import Backup, settle
from digest.errors import Conflict, NotFound, SendHalted
from digest.model import Arm, Issue, IssueStatus, Measure, Preferences
from digest.reconcile import reconcile
from digest.schedules import VariantsTable
from digest.store import chunks, contests, events, issues, preferences, subscribers
from digest.store.engine import Database
from digest.store.sends import SendStatus
from tests import sample_issue
from tests.delivery.subjects_tried import (
    CONTEST,
    A,
    B,
    Postbox,
    did,
    few,
    held,
    put_contest,
    put_on_its_way,
    sizes,
)
from tests.delivery.sundays import PERIOD, a_house, later, names, put_readers, send_of, states

__all__ = ["few"]

pytestmark = pytest.mark.usefixtures("few")

SEND_AT = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def post() -> Postbox:
    return Postbox()


def asked(
    database: Database, folder: Path, post: Postbox, readers: int = 60, **terms: object
) -> tuple[House, Issue]:
    """A Sunday whose test is out: its readers have A or B, the rest waits."""
    house = a_house(database, folder, post)
    issue = put_on_its_way(house, readers, contest=dataclasses.replace(CONTEST, **terms))  # type: ignore[arg-type]
    sender.drain(house)
    return house, issue


# ---------------------------------------------------------------- the way of it


def test_each_reader_gets_one_copy_and_the_rest_the_subject_that_did_better(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(database, tmp_path, post)
    issue = put_on_its_way(house, 120)
    parted = sizes(house, issue)
    sender.drain(house)
    assert post.told == {A: parted[Arm.A], B: parted[Arm.B]}
    assert states(house, issue) == {
        "accepted": parted[Arm.A] + parted[Arm.B],
        "waiting": parted[None],
    }
    did(house, issue, Arm.A, 1)
    did(house, issue, Arm.B, parted[Arm.B] - 2)
    later(house, minutes=114)
    assert steps.decide_due(house, now=house.clock()) == []
    later(house, minutes=1)
    assert steps.decide_due(house, now=house.clock()) == [issue.id]
    sender.drain(house)
    assert post.copies == {1: parted[Arm.A] + parted[Arm.B]}, "the rest's hour is in five minutes"
    later(house, minutes=5)
    sender.drain(house)
    finish.finish(house, now=house.clock())
    assert post.copies == {1: 120}
    assert post.told == {A: parted[Arm.A], B: parted[Arm.B] + parted[None]}
    assert states(house, issue) == {"accepted": 120}
    found = held(house, issue)
    assert (found.winner, found.decided_by) == (Arm.B, "")
    assert "B did better" in found.why
    assert found.counts is not None
    assert found.counts[1].hits == parted[Arm.B] - 2


def test_where_no_difference_can_be_told_the_approved_first_subject_goes(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house, issue = asked(sqlite, tmp_path, post)
    did(house, issue, Arm.A, 3)
    did(house, issue, Arm.B, 4)
    later(house, hours=2)
    sender.drain(house)
    assert held(house, issue).winner is Arm.A
    assert held(house, issue).why.startswith("No difference that can be told.")
    assert post.copies == {1: 60}


def test_a_drain_that_stays_until_all_is_done_decides_by_itself(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    issue = put_on_its_way(house)
    clock, start = house.clock, house.clock()
    looks = itertools.count()  # a slow machine looks more often: the day ends before the catch-up
    hurried = dataclasses.replace(
        house, clock=lambda: start + dt.timedelta(minutes=min(10 * next(looks), 180))
    )
    sender.drain(hurried, until_empty=True)
    assert post.copies == {1: 60}
    assert held(house, issue).winner is Arm.A
    assert clock() == start


def test_the_decision_is_made_once_however_many_look(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house, issue = asked(database, tmp_path, post)
    later(house, hours=2)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: steps.decide_due(house, now=house.clock()), range(4)))
    assert sorted(map(len, found)) == [0, 0, 0, 1]
    with database.read() as session:
        chosen = [e for e in events.recent(session, limit=20) if e.action == "chose the subject"]
    assert len(chosen) == 1
    assert chosen[0].data["winner"] == held(house, issue).winner


def test_reconcile_decides_too_and_says_so(sqlite: Database, tmp_path: Path, post: Postbox) -> None:
    house, _ = asked(sqlite, tmp_path, post)
    later(house, minutes=116)
    assert [step.did for step in reconcile(house, now=house.clock())] == ["chose the subject"]


# ---------------------------------------------------------------- what is approved


def test_an_approval_of_other_terms_or_another_second_subject_is_another_checksum() -> None:
    from tests.delivery.test_choices import SCHEDULE

    content = sample_issue.content()
    seen = set()
    for change in (
        {}, {"second": "Another"}, {"share": 30}, {"wait_s": 3600}, {"measure": Measure.OPENS},
    ):  # fmt: skip
        one = dataclasses.replace(content, contest=dataclasses.replace(CONTEST, **change))
        seen.add(variants.print_all(one, SCHEDULE, public_url="http://x.example").rendered.checksum)
    seen.add(variants.print_all(content, SCHEDULE, public_url="http://x.example").rendered.checksum)
    assert len(seen) == 6


# ---------------------------------------------------------------- when it is not held


def test_a_list_that_has_become_too_small_gets_the_first_subject_and_says_why(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    issue = put_on_its_way(house, 30)
    sender.drain(house)
    assert post.told == {A: 30}
    found = held(house, issue)
    assert (found.winner, found.share) == (Arm.A, 0)
    assert "this one has 30" in found.why
    with pytest.raises(NotFound, match="one subject only"):
        steps.choose(house, issue, Arm.B, by="erin", actor="editor:1", now=house.clock())


def test_a_send_that_begins_so_late_that_the_winner_would_cross_the_catch_up_gives_all_the_first(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    issue = put_contest(house)
    later(house, hours=4, minutes=1)
    freeze.freeze(house, issue, now=house.clock())
    sender.drain(house)
    assert post.told == {A: 60}
    assert "more than 6 h after the send's hour" in held(house, issue).why


# ---------------------------------------------------------------- what happens meanwhile


def test_a_pause_holds_the_decision_too_and_it_is_made_when_the_send_goes_on(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house, issue = asked(database, tmp_path, post)
    steer.pause(house, issue, by="erin", why="a call", now=house.clock())
    later(house, hours=5)
    sender.drain(house)
    assert held(house, issue).winner is None
    steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    assert held(house, issue).winner is Arm.A
    assert post.copies == {1: 60}


def test_a_cancelled_send_skips_the_rest_and_nothing_is_decided(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(database, tmp_path, post)
    issue = put_on_its_way(house)
    rest = sizes(house, issue)[None]
    sender.drain(house)
    did(house, issue, Arm.B, 7)
    assert steer.cancel(house, issue, by="erin", now=house.clock()) == rest
    later(house, hours=3)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 60 - rest, "skipped": rest}
    found = held(house, issue)
    assert found.winner is None
    assert found.counts is not None
    assert [one.hits for one in found.counts] == [0, 7]
    with database.read() as session:
        assert contests.hits(session, found.send_id, Arm.B) == 0, "who it was is forgotten"
        assert issues.by_id(session, issue.id).status is IssueStatus.SENT


@pytest.mark.parametrize("chooser", ["figures", "person"])
def test_a_restored_house_sends_the_rest_its_subject_where_a_person_says_that_nothing_was_sent(
    database: Database, tmp_path: Path, post: Postbox, chooser: str
) -> None:
    house, issue = asked(database, tmp_path, post)
    backup = Backup(maps=tmp_path / "maps", made_at=house.clock())
    with database.write() as session:
        settle(session, backup, now=house.clock())
    rest = sizes(house, issue)[None]
    assert states(house, issue) == {"accepted": 60 - rest, "uncertain": rest}
    did(house, issue, Arm.B, 12)
    steer.resend(house, issue, by="erin", uncertain=True, now=house.clock())
    if chooser == "person":
        steps.choose(house, issue, Arm.B, by="Erin", actor="editor:1", now=house.clock())
    steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    assert post.told.total() == (60 if chooser == "person" else 60 - rest)
    later(house, hours=3)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 60}
    assert post.copies == {1: 60}
    assert post.told[B] > rest, "all of the rest, and who was asked first"


def test_a_restored_house_in_doubt_ends_its_send_and_mails_nobody_again(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house, issue = asked(database, tmp_path, post)
    with database.write() as session:
        settle(session, Backup(maps=tmp_path / "maps", made_at=house.clock()), now=house.clock())
    rest = sizes(house, issue)[None]
    steer.resume(house, issue, by="erin", now=house.clock())
    later(house, hours=3)
    sender.drain(house)
    finish.finish(house, now=house.clock())
    assert post.copies == {1: 60 - rest}
    assert states(house, issue) == {"accepted": 60 - rest, "uncertain": rest}
    with database.read() as session:
        assert issues.by_id(session, issue.id).status is IssueStatus.SENT


def test_an_outage_of_the_provider_during_the_test_leaves_the_first_subject_and_loses_nobody(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    issue = put_on_its_way(house)
    post.doors = [SendHalted("535 login refused")]
    sender.drain(house)
    assert send_of(house, issue).status is SendStatus.PAUSED
    later(house, hours=3)
    assert steps.decide_due(house, now=house.clock()) == []
    steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    assert post.copies == {1: 60}
    assert held(house, issue).winner is Arm.A
    assert "Too few copies" in held(house, issue).why


def test_a_machine_that_slept_past_the_catch_up_asks_before_the_rest_goes(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house, issue = asked(sqlite, tmp_path, post)
    later(house, hours=9)
    sender.drain(house)
    assert held(house, issue).winner is None
    assert "is it still wanted?" in send_of(house, issue).reason
    steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    assert post.copies == {1: 60}


def test_a_clock_that_jumps_back_and_forth_costs_nobody_a_copy(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    issue = put_on_its_way(house)
    for hours in (0.5, -3.0, 4.0, -3.0, 3.0, 2.0):
        later(house, hours=hours)
        sender.drain(house)
    finish.finish(house, now=house.clock())
    assert post.copies == {1: 60}
    assert states(house, issue) == {"accepted": 60}


def test_who_leaves_during_the_wait_gets_nothing(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house, _ = asked(sqlite, tmp_path, post)
    waiting = next(one for one in names(60) if one not in post.subjects)
    with sqlite.write() as session:
        reader = subscribers.by_address(session, waiting)
        assert reader is not None
        subscribers.leave(session, reader.id, "sunday", now=house.clock(), method="page")
    later(house, hours=2)
    sender.drain(house)
    assert waiting not in post.subjects
    assert post.copies == {1: 59}


def test_the_rest_goes_at_one_instant_also_where_clocks_are_put_back_meanwhile(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    issue = put_contest(house)
    begins = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 01:30 in London, for the first time
    freeze.freeze(house, issue, now=begins)
    assert held(house, issue).rest_at - begins == dt.timedelta(hours=2)


# ---------------------------------------------------------------- a person chooses


def test_a_person_may_choose_at_once_and_the_rest_goes_at_once(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(database, tmp_path, post)
    issue = put_on_its_way(house)
    parted = sizes(house, issue)
    sender.drain(house)
    later(house, minutes=20)
    assert steps.choose(house, issue, Arm.B, by="erin", actor="editor:1", now=house.clock())
    sender.drain(house)
    assert post.told == {A: parted[Arm.A], B: parted[Arm.B] + parted[None]}
    found = held(house, issue)
    assert (found.decided_by, found.winner) == ("erin", Arm.B)
    assert found.counts is not None
    with pytest.raises(Conflict, match="the rest has begun"):
        steps.choose(house, issue, Arm.A, by="erin", actor="editor:1", now=house.clock())


def test_until_the_rest_begins_the_other_one_may_be_chosen_and_its_figures_stay(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(database, tmp_path, post)
    issue = put_on_its_way(house)
    parted = sizes(house, issue)
    sender.drain(house)
    did(house, issue, Arm.A, 5)
    later(house, minutes=116)
    steps.decide_due(house, now=house.clock())
    before = held(house, issue)
    with pytest.raises(Conflict, match="goes to the rest already"):
        steps.choose(house, issue, Arm.A, by="erin", actor="editor:1", now=house.clock())
    assert not steps.choose(house, issue, Arm.B, by="erin", actor="editor:1", now=house.clock())
    after = held(house, issue)
    assert (after.winner, after.counts) == (Arm.B, before.counts)
    assert before.why in after.why
    later(house, minutes=5)
    sender.drain(house)
    assert post.told[B] == parted[Arm.B] + parted[None]


def test_a_chunk_is_claimed_only_as_the_subject_that_its_claimer_read(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house, issue = asked(database, tmp_path, post)
    later(house, minutes=121)
    steps.decide_due(house, now=house.clock())
    send, now = send_of(house, issue), house.clock()
    with database.read() as session:
        (seen,) = chunks.due_chunks(session, send.id, now=now)
    steps.choose(house, issue, Arm.B, by="erin", actor="editor:1", now=now)
    told = {"owner": "me", "ahead": 0, "now": now, "take_over": False, "born": "1"}
    with database.write() as session:
        assert not chunks.claim(session, seen, **told)
        assert chunks.claim(session, chunks.again(session, seen), **told)
    with pytest.raises(Conflict, match="the rest has begun"):
        steps.choose(house, issue, Arm.A, by="erin", actor="editor:1", now=now)
    assert held(house, issue).winner is Arm.B


def test_where_a_person_decides_and_none_does_the_first_subject_goes(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house, issue = asked(sqlite, tmp_path, post, measure=Measure.HAND)
    did(house, issue, Arm.B, 12)
    later(house, hours=2)
    sender.drain(house)
    assert held(house, issue).why == "Nobody chose one in time, so A goes."


# ---------------------------------------------------------------- counting


def test_visits_count_each_visitor_once_never_more_than_readers_and_not_after_the_decision(
    database: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(database, tmp_path, post)
    issue = put_on_its_way(house)
    send, parted = send_of(house, issue), sizes(house, issue)
    sender.drain(house)
    did(house, issue, Arm.A, 2)
    did(house, issue, Arm.A, 3)
    did(house, issue, Arm.B, 40)
    with database.read() as session:
        a, b = contests.counts(session, send.id)
    assert (a.hits, a.reached) == (3, parted[Arm.A])
    assert (b.hits, b.reached) == (parted[Arm.B], parted[Arm.B])
    later(house, hours=2)
    steps.decide_due(house, now=house.clock())
    with database.write() as session:
        assert not contests.note_visit(session, send.id, Arm.A, b"a" * 8)
        assert contests.hits(session, send.id, Arm.B) == 0, "who did what is forgotten"


def test_the_links_of_a_tested_copy_say_its_arm_and_those_of_the_rest_do_not(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    put_on_its_way(house)
    bodies: dict[str, str] = {}
    send = post._send

    async def kept(feed, message):  # type: ignore[no-untyped-def]
        bodies[message.recipient] = message.mail.rendered.html
        await send(feed, message)

    post._send = kept  # type: ignore[method-assign]
    sender.drain(house)
    for reader, (subject,) in post.subjects.items():
        arm = "a" if subject == A else "b"
        assert f"/r/sunday/2026-11-29/{arm}/7" in bodies[reader]
    tested = set(bodies)
    later(house, hours=2)
    sender.drain(house)
    for reader in bodies.keys() - tested:
        assert "/r/sunday/2026-11-29/7" in bodies[reader]


def test_each_reader_gets_the_chosen_form_under_the_own_subject(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    offered = house.schedule("sunday").model_copy(
        update={"variants": VariantsTable(languages=("de",), themes=("plain",), sections=True)}
    )
    house = dataclasses.replace(house, schedules={"sunday": offered})
    issue = put_contest(house)
    moments = issue.moments
    content = dataclasses.replace(
        sample_issue.content(), newsletter="sunday", period=PERIOD, subject=A, contest=CONTEST
    )
    printed = variants.print_all(content, offered, public_url=house.public_url)
    with sqlite.write() as session:
        issues.withdraw(session, issue.id, why="forms", now=moments.draft_at)
        forms, second = printed.variants, printed.second
        issues.save_draft(
            session, issue.id, content, printed.rendered, forms, second=second, now=moments.draft_at
        )
        checksum = printed.rendered.checksum
        issues.approve(session, issue.id, checksum, by="Erin", now=moments.deadline_at)
        issue = issues.by_id(session, issue.id)
        for name in names(30):
            reader = subscribers.by_address(session, name)
            assert reader is not None
            preferences.keep(session, reader.id, "sunday", Preferences(language="de"), now=SEND_AT)
    freeze.freeze(house, issue, now=house.clock())
    sender.drain(house)
    later(house, hours=2)
    sender.drain(house)
    assert post.copies == {1: 60}
    spoken = Counter((number < 30, post.languages[one]) for number, one in enumerate(names(60)))
    assert spoken == {(True, "de"): 30, (False, "en"): 30}
    for one, got in post.subjects.items():
        assert post.arms[one] in {"a" if got == [A] else "b", ""}
    assert Counter(post.arms.values())[""] == sizes(house, issue)[None]


# ---------------------------------------------------------------- the split


@given(
    key=st.binary(min_size=16, max_size=32),
    share=st.integers(2, 80),
    ids=st.sets(st.integers(1, 2**50), max_size=60),
)
def test_the_split_is_the_same_in_every_order_and_parts_everybody_once(
    key: bytes, share: int, ids: set[int]
) -> None:
    contest = dataclasses.replace(CONTEST, share=share)
    at = dt.datetime(2026, 11, 29, 10, tzinfo=dt.UTC)
    one = steps.split(contest, key, "c0" * 32, rest_at=at)
    other = steps.split(contest, key, "c0" * 32, rest_at=at)
    forwards = {reader: one.arm_of(reader) for reader in sorted(ids)}
    backwards = {reader: other.arm_of(reader) for reader in sorted(ids, reverse=True)}
    assert forwards == backwards
    smaller = steps.split(dataclasses.replace(contest, share=2), key, "c0" * 32, rest_at=at)
    assert all(one.arm_of(r) for r in ids if smaller.arm_of(r)), "a greater share asks no others"


def test_the_split_keeps_to_its_share_and_another_issue_asks_others() -> None:
    at = dt.datetime(2026, 11, 29, 10, tzinfo=dt.UTC)
    readers = range(1, 20_001)
    arms = [steps.split(CONTEST, b"k" * 32, checksum, rest_at=at) for checksum in ("aa", "bb")]
    first, second = ([one.arm_of(reader) for reader in readers] for one in arms)
    for drawn in (first, second):
        told = Counter(drawn)
        assert abs(told[Arm.A] - 5000) < 300
        assert abs(told[Arm.B] - 5000) < 300
    both = sum(bool(x and y) for x, y in zip(first, second, strict=True))
    assert abs(both - 5000) < 300, (
        "who was asked in one week is as likely asked in the next as anybody"
    )
    ordered = Counter(first[:1000])
    assert abs(ordered[Arm.A] - 250) < 80, "not by the order of the addresses"


def test_who_is_mailed_at_an_own_later_hour_is_of_the_rest(
    sqlite: Database, tmp_path: Path, post: Postbox
) -> None:
    house = a_house(sqlite, tmp_path, post)
    schedule = house.schedule("sunday")
    deliver = schedule.deliver.model_copy(update={"deliver_at": "reader"})
    house = dataclasses.replace(
        house, schedules={"sunday": schedule.model_copy(update={"deliver": deliver})}
    )
    west = [f"west{number}@example.net" for number in range(5)]
    put_readers(house, west)
    with sqlite.write() as session:
        keys = [addresses.parse(one).key for one in west]
        subscribers.live_in(session, dict.fromkeys(keys, "America/New_York"))
    issue = put_on_its_way(house)
    sender.drain(house)
    later(house, hours=2)
    sender.drain(house)
    assert post.copies == {1: 60}
    assert not set(west) & set(post.subjects), "it is three in the morning there"
    later(house, hours=3)
    sender.drain(house)
    assert post.copies == {1: 65}
    assert {post.subjects[one][0] for one in west} == {
        A if held(house, issue).winner is Arm.A else B
    }


# ---------------------------------------------------------------- kill -9


def crashes(folder: Path, url: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "tests.delivery.contest_crashes", str(folder), url]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_crash_at_any_step_loses_nobody_and_doubles_nobody(
    database: Database, tmp_path: Path
) -> None:
    url = database.url
    database.close()
    found = crashes(tmp_path, url)
    assert len(found) == 9
    for one in found:
        assert one["died"], one
        assert one["most"] == 1, one
        assert one["unaccounted"] == 0, one
        assert one["uncertain"] <= 4, one  # type: ignore[operator]
        assert one["audience"] == one["final"] == 60, one
        assert one["mixed"] == [], one
        assert one["winner"] == "b", one
        assert one["decisions"] == 1, one
