"""Every moment of a week is acted on once, by whoever comes first, however late."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from digest import approve, drafting, pipeline, render
from digest.audience import addresses
from digest.bootstrap import House
from digest.delivery import ledger, sender, steer
from digest.errors import Conflict
from digest.model import (
    Article,
    Edit,
    IncomingArticle,
    Issue,
    IssueContent,
    IssueStatus,
    Words,
    WriteMail,
)
from digest.protocols import PollState
from digest.reconcile import DEADLINE_RULE, reconcile
from digest.store import (
    articles,
    editors,
    events,
    issues,
    notices,
    polls,
    shapes,
    subscribers,
    withdrawn,
)
from digest.store.engine import Database
from digest.store.tables import DeliveryRow, SendRow
from tests.houses import MONDAY, SCHEDULE, SUNDAY, make_house

PERIOD = SUNDAY.isoformat()


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A moment of November 2026, UTC (which is London's time then)."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.UTC)


#: A schedule that sends on Mondays instead.
ON_MONDAY = """[approve]
remind = "monday 07:00"
deadline = "monday 08:00"
[deliver]
at = "monday 09:00"
[compose]"""

CUT_OFF, REMIND, DEADLINE, SEND = at(28, 18), at(29, 6), at(29, 7, 30), at(29, 8)


def put(
    house: House,
    count: int,
    *,
    first: int = 0,
    when: dt.datetime | None = None,
    seen: dt.datetime = MONDAY,
) -> None:
    """Store `count` stories of the week that have not a word in common."""
    with house.database.write() as session:
        for n in range(first, first + count):
            story = IncomingArticle(
                source="desk",
                source_id=f"story-{n}",
                url=f"https://gazette.example/{n}",
                title=" ".join(words(n, 5)).capitalize(),
                text=". ".join(" ".join(words(n, 12)).capitalize() for _ in range(6)) + ".",
                section=("Town", "Sea")[n % 2],
                published_at=when or MONDAY + dt.timedelta(hours=n),
            )
            articles.save(session, story, now=seen)


def words(story: int, count: int) -> list[str]:
    """Words of one story only, the same each time."""
    stem = "".join(chr(ord("a") + int(digit)) for digit in f"{story:03}")
    return [
        f"{stem}{syllable}{stem}"
        for syllable in ["ka", "re", "mi", "to", "lu", "pa", "ne", "si", "fo", "ru", "da", "ke"]
    ][:count]


def the_issue(house: House, period: str = PERIOD) -> Issue:
    with house.database.read() as session:
        found = issues.get(session, "sunday", period)
    assert found is not None
    return found


def consent(house: House, now: dt.datetime, *, by: str = "Erin", actor: str = "editor:1") -> None:
    """Approve the draft as it stands."""
    issue = the_issue(house)
    assert issue.edition is not None
    approve.approve(
        house.database,
        issue,
        issue.edition.checksum,
        by=by,
        actor=actor,
        now=now,
        public_url=house.public_url,
    )


def did(house: House, now: dt.datetime) -> list[str]:
    return [step.did for step in reconcile(house, now=now)]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A newsletter first seen on Monday morning, with six stories, Alice to read and Erin to edit."""
    made = make_house(database, tmp_path)
    reconcile(made, now=MONDAY)
    put(made, 6)
    with made.database.write() as session:
        alice = [(addresses.parse("alice@example.net"), "Alice")]
        subscribers.import_confirmed(session, "sunday", alice, key=made.key, now=MONDAY)
        editors.add(session, "erin@example.net", name="Erin", now=MONDAY)
    return made


@pytest.fixture
def changed(house: House, tmp_path: Path) -> Callable[[str, str], House]:
    """The same house under an edited schedule."""

    def change(old: str, new: str) -> House:
        assert old in SCHEDULE
        edited = make_house(house.database, tmp_path, schedule=SCHEDULE.replace(old, new))
        return dataclasses.replace(house, schedules=edited.schedules)

    return change


def test_a_whole_week_passes_its_moments_in_order(house: House) -> None:
    assert did(house, CUT_OFF) == ["drafted"]
    assert did(house, REMIND) == ["reminded"]
    assert did(house, DEADLINE) == ["approved by the deadline rule"]
    assert did(house, SEND) == ["sending"]
    sender.drain(house)
    assert "sent" in did(house, SEND + dt.timedelta(minutes=1))
    issue = the_issue(house)
    assert issue.status is IssueStatus.SENT
    assert issue.approval is not None
    assert issue.approval.by == DEADLINE_RULE


def test_asking_twice_at_any_moment_does_nothing_more(house: House) -> None:
    for moment in (CUT_OFF, REMIND, DEADLINE, SEND):
        assert did(house, moment)
        assert did(house, moment) == []


def test_a_growing_week_is_not_made_again_until_something_came(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a night costs a look an hour, and no hour of a large week a draft that is there already."""
    made: list[int] = []
    build = pipeline.build

    def counted(articles: Sequence[Article], *rest: Any, **how: Any) -> pipeline.Draft:
        made.append(len(articles))
        return build(articles, *rest, **how)

    monkeypatch.setattr(pipeline, "build", counted)
    hours = [at(24, hour) for hour in range(12, 24)]
    assert did(house, hours[0]) == ["drafted early"]
    first = the_issue(house)
    assert did(house, hours[1]) == []
    assert did(house, hours[1] + dt.timedelta(minutes=1)) == []
    again = the_issue(house)
    assert (again.built_at, again.edition) == (hours[1], first.edition)
    put(house, 1, first=6, when=hours[1])
    assert did(house, hours[2]) == ["drafted early"]
    assert did(house, hours[3]) == []
    with house.database.write() as session:  # an edit of a story
        told = IncomingArticle(source="desk", source_id="story-0", title="Anew", text="Now. " * 9)
        articles.save(session, told, now=hours[3])
    assert did(house, hours[4]) == ["drafted early"]
    with house.database.write() as session:  # an editor's hand
        change = WriteMail(what=Words.SUBJECT, value="Hey")
        shapes.add(session, first.id, Edit(version=1, by="Erin", at=hours[4], change=change))
    assert did(house, hours[5]) == ["drafted early"]
    edition = the_issue(house).edition
    assert edition is not None
    assert edition.rendered.subject == "Hey"
    assert did(house, hours[6]) == []
    assert made == [6, 7, 7, 7]
    assert did(house, CUT_OFF) == ["drafted"], "the final draft is made whatever was before"


def test_the_coming_week_is_drafted_early_and_again_after_an_hour(house: House) -> None:
    noon = at(24, 12)
    assert did(house, noon) == ["drafted early"]
    put(house, 2, first=6, when=noon)
    assert did(house, noon + dt.timedelta(minutes=30)) == []
    assert did(house, noon + dt.timedelta(minutes=61)) == ["drafted early"]
    content = the_issue(house).content
    assert content is not None
    assert content.coverage.total == 8


def test_the_final_draft_is_made_at_the_cut_off_though_an_early_one_is_fresh(house: House) -> None:
    reconcile(house, now=CUT_OFF - dt.timedelta(minutes=1))
    put(house, 1, first=6, when=CUT_OFF - dt.timedelta(seconds=30))
    put(house, 1, first=7, when=CUT_OFF)
    assert did(house, CUT_OFF)[0] == "drafted"
    content = the_issue(house).content
    assert content is not None
    assert content.coverage.total == 7, "the window is half open: a story of 18:00 is next week's"


def test_no_coming_issue_is_opened_before_it_has_a_story(
    database: Database, tmp_path: Path
) -> None:
    made = make_house(database, tmp_path)
    reconcile(made, now=MONDAY)
    with made.database.read() as session:
        assert issues.recent(session, "sunday", limit=5) == []


def test_a_send_planned_before_we_were_there_is_nobodys_debt(
    database: Database, tmp_path: Path
) -> None:
    made = make_house(database, tmp_path)
    put(made, 6)
    assert did(made, SEND + dt.timedelta(hours=1)) == []


def test_a_thin_week_is_skipped_and_the_editors_hear_why(
    database: Database, tmp_path: Path
) -> None:
    made = make_house(database, tmp_path)
    reconcile(made, now=MONDAY)
    put(made, 1)
    with made.database.write() as session:
        editors.add(session, "erin@example.net", name="Erin", now=MONDAY)
    assert did(made, CUT_OFF) == ["skipped: a thin week: 1 story, fewer than 2"]
    with made.database.read() as session:
        assert notices.pending(session) == 1


def test_a_thin_week_goes_out_short_where_the_schedule_says_so(
    database: Database, tmp_path: Path
) -> None:
    short = SCHEDULE + 'thin_week = "short"\n'
    made = make_house(database, tmp_path, schedule=short)
    reconcile(made, now=MONDAY)
    put(made, 1)
    assert did(made, CUT_OFF) == ["drafted"]


def test_a_week_without_a_story_is_skipped(database: Database, tmp_path: Path) -> None:
    made = make_house(database, tmp_path)
    reconcile(made, now=MONDAY)
    assert did(made, CUT_OFF) == ["skipped: no story came this week"]


def test_nobody_approved_and_the_schedule_says_hold(
    changed: Callable[[str, str], House],
) -> None:
    house = changed("[compose]", '[approve]\nif_nobody = "hold"\n[compose]')
    reconcile(house, now=CUT_OFF)
    assert did(house, DEADLINE) == ["held: nobody approved it by the deadline"]
    assert did(house, SEND) == []


def test_an_hour_late_it_runs_and_says_how_late(house: House) -> None:
    late = did(house, SEND + dt.timedelta(hours=1))
    assert late == ["drafted", "approved by the deadline rule", "sending, 1 h 00 min late"]


def test_later_than_the_catch_up_it_asks(house: House) -> None:
    late = did(house, SEND + dt.timedelta(hours=7))
    assert late == ["drafted", "held: it is 7 h 00 min late: an editor must decide"]


def test_a_consent_from_before_a_long_outage_asks_again(house: House) -> None:
    reconcile(house, now=CUT_OFF)
    reconcile(house, now=DEADLINE)
    assert did(house, SEND + dt.timedelta(hours=7)) == [
        "held: it is 7 h 00 min late: an editor must decide"
    ]


def test_an_editor_who_approves_late_sends_it(house: House) -> None:
    after = SEND + dt.timedelta(hours=8)
    reconcile(house, now=after)
    consent(house, after)
    assert did(house, after) == ["sending, 8 h 00 min late"]


def test_an_early_draft_cannot_be_approved(house: House) -> None:
    from digest import approve

    reconcile(house, now=at(24, 12))
    issue = the_issue(house)
    assert issue.edition is not None
    with pytest.raises(Conflict, match="the week is not over"):
        approve.approve(
            house.database,
            issue,
            issue.edition.checksum,
            by="Erin",
            actor="editor:1",
            now=at(24, 12),
            public_url=house.public_url,
        )


def test_an_edited_hour_holds_for_the_week_that_is_not_over(
    house: House, changed: Callable[[str, str], House]
) -> None:
    reconcile(house, now=at(24, 12))
    later = changed("[compose]", '[deliver]\nat = "sunday 09:15"\n[compose]')
    reconcile(later, now=at(24, 13))
    assert the_issue(later).moments.send_at == at(29, 9, 15)


def test_an_edited_hour_changes_nothing_once_the_week_is_over(
    house: House, changed: Callable[[str, str], House]
) -> None:
    reconcile(house, now=CUT_OFF)
    later = changed("[compose]", '[deliver]\nat = "sunday 09:15"\n[compose]')
    reconcile(later, now=CUT_OFF + dt.timedelta(hours=1))
    assert the_issue(later).moments.send_at == SEND


def test_another_send_day_drops_the_period_that_no_longer_falls_on_it(
    house: House, changed: Callable[[str, str], House]
) -> None:
    reconcile(house, now=at(24, 12))
    monday = changed("[compose]", ON_MONDAY)
    steps = did(monday, at(24, 14))
    assert "skipped: the schedule's send day was changed" in steps
    assert the_issue(monday).status is IssueStatus.SKIPPED


def test_two_weeks_of_silence_lose_no_story(house: House) -> None:
    reconcile(house, now=CUT_OFF)
    reconcile(house, now=DEADLINE)
    put(house, 3, first=6, when=SEND)
    put(house, 3, first=9, when=SEND + dt.timedelta(days=8))
    reconcile(house, now=SEND + dt.timedelta(days=14))
    content = the_issue(house, "2026-12-13").content
    assert content is not None
    assert content.coverage.total == 6


def test_a_mail_that_cannot_be_made_is_held_with_the_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digest import pipeline
    from digest.errors import RenderError

    def broken(*args: object, **kwargs: object) -> None:
        raise RenderError("digest/body.mjml", "no such tag", line=7)

    monkeypatch.setattr(pipeline, "build", broken)
    steps = did(house, CUT_OFF)
    assert steps == ["held: the mail could not be made: digest/body.mjml:7: no such tag"]


def test_every_consent_stands_in_the_log(house: House) -> None:
    reconcile(house, now=CUT_OFF)
    reconcile(house, now=DEADLINE)
    with house.database.read() as session:
        found = [(e.actor, e.action, e.subject) for e in events.recent(session, limit=20)]
    assert (DEADLINE_RULE, "approved", f"sunday/{PERIOD}") in found


def content_of(house: House, period: str) -> IssueContent:
    content = the_issue(house, period).content
    assert content is not None
    return content


def test_a_story_that_came_in_too_late_is_told_the_week_after(house: House) -> None:
    reconcile(house, now=CUT_OFF)
    ten_to_six = CUT_OFF - dt.timedelta(minutes=10)
    put(house, 1, first=6, when=ten_to_six, seen=CUT_OFF + dt.timedelta(minutes=5))
    put(house, 2, first=7, when=at(30, 9), seen=at(30, 9))
    reconcile(house, now=CUT_OFF + dt.timedelta(days=7))
    assert content_of(house, PERIOD).coverage.total == 6
    assert content_of(house, "2026-12-06").coverage.total == 3
    put(house, 2, first=9, when=at(30, 9) + dt.timedelta(days=7), seen=at(30, 9))
    reconcile(house, now=CUT_OFF + dt.timedelta(days=14))
    assert content_of(house, "2026-12-13").coverage.total == 2


def test_a_story_seen_just_in_time_for_the_final_draft_is_told_once(house: House) -> None:
    seconds_after = CUT_OFF + dt.timedelta(seconds=5)
    put(house, 1, first=6, when=CUT_OFF - dt.timedelta(minutes=10), seen=seconds_after)
    reconcile(house, now=CUT_OFF + dt.timedelta(seconds=10))
    put(house, 2, first=7, when=at(30, 9), seen=at(30, 9))
    reconcile(house, now=CUT_OFF + dt.timedelta(days=7))
    assert content_of(house, PERIOD).coverage.total == 7
    assert content_of(house, "2026-12-06").coverage.total == 2


def test_a_thin_weeks_story_is_told_the_week_after(database: Database, tmp_path: Path) -> None:
    made = make_house(database, tmp_path)
    reconcile(made, now=MONDAY)
    put(made, 1)
    reconcile(made, now=CUT_OFF)
    put(made, 2, first=1, when=at(30, 9), seen=at(30, 9))
    reconcile(made, now=CUT_OFF + dt.timedelta(days=7))
    assert content_of(made, "2026-12-06").coverage.total == 3


def test_one_newsletters_defect_is_held_and_no_other_newsletter_waits(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafting.draft

    def poisoned(house: House, issue: Issue, **how: Any) -> drafting.Drafted:
        if issue.newsletter == "sunday":
            raise KeyError("poison")
        return draft(house, issue, **how)

    monkeypatch.setattr(drafting, "draft", poisoned)
    other = house.schedules["sunday"].model_copy(update={"key": "weekly"})
    both = dataclasses.replace(house, schedules={**house.schedules, "weekly": other})
    reconcile(both, now=MONDAY)
    steps = {step.newsletter: step.did for step in reconcile(both, now=CUT_OFF)}
    assert steps == {
        "sunday": "held: the mail could not be made: KeyError('poison')",
        "weekly": "drafted",
    }


def test_an_early_draft_that_fails_is_tried_again_in_an_hour_and_holds_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[dt.datetime] = []

    def broken(house: House, issue: Issue, *, now: dt.datetime, **how: Any) -> drafting.Drafted:
        tries.append(now)
        raise KeyError("poison")

    monkeypatch.setattr(drafting, "draft", broken)
    noon = at(24, 12)
    for minutes in (0, 1, 30, 61):
        assert did(house, noon + dt.timedelta(minutes=minutes)) == []
    assert len(tries) == 2


def test_editors_hear_of_every_reason_to_hold(
    changed: Callable[[str, str], House],
) -> None:
    from digest import approve

    house = changed("[compose]", '[approve]\nif_nobody = "hold"\n[compose]')
    reconcile(house, now=CUT_OFF)
    reconcile(house, now=DEADLINE)
    issue = the_issue(house)
    assert issue.edition is not None
    approve.approve(
        house.database,
        issue,
        issue.edition.checksum,
        by="Erin",
        actor="editor:1",
        now=DEADLINE,
        public_url=house.public_url,
    )
    reconcile(house, now=SEND + dt.timedelta(hours=7))
    with house.database.read() as session:
        assert notices.pending(session) == 2


def test_building_a_held_issue_again_leaves_it_held(
    changed: Callable[[str, str], House],
) -> None:
    house = changed("[compose]", '[approve]\nif_nobody = "hold"\n[compose]')
    reconcile(house, now=CUT_OFF)
    reconcile(house, now=DEADLINE)
    put(house, 1, first=6)
    drafting.draft(house, the_issue(house), now=DEADLINE)
    issue = the_issue(house)
    assert (issue.status, issue.reason) == (
        IssueStatus.HELD,
        "nobody approved it by the deadline",
    )
    assert content_of(house, PERIOD).coverage.total == 7


def held_early(house: House) -> None:
    """Erin holds the draft of the growing week, and two more stories come."""
    early = CUT_OFF - dt.timedelta(hours=30)
    reconcile(house, now=early)
    with house.database.write() as session:
        issues.move(
            session, the_issue(house).id, to=IssueStatus.HELD, now=early, reason="wait for me"
        )
    put(house, 2, first=6)


def test_a_draft_that_was_held_early_is_made_for_good_when_the_week_is_over(house: House) -> None:
    held_early(house)
    assert did(house, CUT_OFF) == ["drafted"]
    issue = the_issue(house)
    assert (issue.status, issue.reason, issue.is_early) == (IssueStatus.HELD, "wait for me", False)
    assert content_of(house, PERIOD).coverage.total == 8
    assert did(house, DEADLINE) == []


def test_one_that_then_cannot_be_made_is_held_for_that_and_not_tried_each_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_early(house)

    def broken(*_: object, **__: object) -> None:
        raise ValueError("poison")

    monkeypatch.setattr(drafting, "draft", broken)
    assert did(house, CUT_OFF) == ["held: the mail could not be made: ValueError('poison')"]
    assert did(house, CUT_OFF + dt.timedelta(minutes=1)) == []


# ---------------------------------------------------------------- a first start, late


@pytest.fixture
def unread(sqlite: Database, tmp_path: Path) -> House:
    """A newsletter with a feed, first seen after the cut-off of its week, before any source was asked."""
    feed = SCHEDULE.replace('kind = "api"', 'kind = "feed"\nurl = "https://gazette.example/feed"')
    return make_house(sqlite, tmp_path, schedule=feed)


def read(house: House, now: dt.datetime, *, fails: bool = False) -> None:
    with house.database.write() as session:
        if fails:
            polls.record_failure(session, "desk", "timed out", now=now, next_poll_at=now)
        else:
            polls.record_success(session, "desk", PollState(), now=now, next_poll_at=now)


def test_a_first_start_after_the_cut_off_skips_nothing_before_a_source_was_read(
    unread: House,
) -> None:
    late = CUT_OFF + dt.timedelta(hours=3)
    assert did(unread, late) == []
    assert the_issue(unread).status is IssueStatus.DUE
    put(unread, 4)
    read(unread, late)
    assert did(unread, late + dt.timedelta(minutes=1)) == ["drafted"]


def test_once_every_source_was_read_a_week_without_a_story_is_skipped(unread: House) -> None:
    late = CUT_OFF + dt.timedelta(hours=3)
    reconcile(unread, now=late)
    read(unread, late)
    assert did(unread, late) == ["skipped: no story came this week"]


def test_a_source_that_never_answers_is_waited_for_until_the_deadline(unread: House) -> None:
    read(unread, CUT_OFF, fails=True)
    assert did(unread, CUT_OFF) == []
    assert did(unread, DEADLINE) == ["skipped: no story came this week"]


def test_a_skipped_issue_comes_back_before_its_hour_and_not_after(house: House) -> None:
    reconcile(house, now=CUT_OFF)
    with house.database.write() as session:
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=CUT_OFF, reason="thin")
        issues.revive(session, issue.id, now=CUT_OFF)
        assert issues.by_id(session, issue.id).status is IssueStatus.DUE
    assert did(house, CUT_OFF + dt.timedelta(minutes=1)) == ["drafted"]
    with house.database.write() as session:
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=CUT_OFF, reason="thin")
        with pytest.raises(Conflict):
            issues.revive(session, issue.id, now=SEND)


def reports_of(house: House) -> list[dict[str, Any]]:
    with house.database.read() as session:
        return [dict(one.data) for one in notices.queued(session) if one.kind == "sent"]


def send_all(house: House) -> None:
    for moment in (CUT_OFF, DEADLINE, SEND):
        reconcile(house, now=moment)
    sender.drain(house)


def test_editors_hear_the_numbers_of_a_send_once(house: House) -> None:
    send_all(house)
    done = SEND + dt.timedelta(minutes=5)
    assert did(house, done) == ["sent", "reported"]
    (report,) = reports_of(house)
    assert (report["period"], report["audience"], report["accepted"]) == (PERIOD, "1", "1")
    assert (report["failed"], report["skipped"], report["uncertain"]) == ("0", "0", "0")
    assert (report["began"], report["ended"]) == ("08:00", "08:05")
    assert did(house, done) == []
    assert len(reports_of(house)) == 1


def test_what_was_reported_is_not_counted_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_all(house)
    done = SEND + dt.timedelta(minutes=5)
    assert did(house, done) == ["sent", "reported"]
    monkeypatch.delattr(ledger, "counts")
    assert did(house, done + dt.timedelta(minutes=1)) == []


def test_a_send_that_was_opened_again_is_reported_again_with_its_new_numbers(house: House) -> None:
    send_all(house)
    with house.database.write() as session:
        session.execute(update(DeliveryRow).values(state="failed"))
    assert did(house, SEND + dt.timedelta(minutes=5)) == ["sent", "reported"]
    again = SEND + dt.timedelta(minutes=9)
    object.__setattr__(house, "clock", lambda: again)
    steer.resend(house, the_issue(house), by="erin", uncertain=False, now=again)
    sender.drain(house)
    assert did(house, again) == ["sent", "reported"]
    (report,) = reports_of(house)
    assert (report["accepted"], report["failed"], report["ended"]) == ("1", "0", "08:09")


def test_a_cancelled_send_is_not_reported_as_sent(house: House) -> None:
    for moment in (CUT_OFF, DEADLINE, SEND):
        reconcile(house, now=moment)
    object.__setattr__(house, "clock", lambda: SEND)
    steer.cancel(house, the_issue(house), by="erin", now=SEND)
    did(house, SEND + dt.timedelta(minutes=5))
    (report,) = reports_of(house)
    mail = render.render_notice(
        "sent", report, house.schedule("sunday"), public_url=house.public_url
    )
    assert mail.subject.startswith("Cancelled: ")
    assert "when erin cancelled it" in " ".join(mail.text.split())
    assert "Left since" not in mail.text + mail.html


def test_a_skipped_issue_that_comes_back_after_its_deadline_is_held(house: House) -> None:
    reconcile(house, now=CUT_OFF)
    issue = the_issue(house)
    with house.database.write() as session:
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=CUT_OFF, reason="thin")
        issues.revive(session, issue.id, now=DEADLINE)
    reconcile(house, now=DEADLINE + dt.timedelta(seconds=30))
    assert the_issue(house).status is IssueStatus.HELD


def test_a_report_is_no_news_to_an_editor_who_came_after_it(house: House) -> None:
    send_all(house)
    assert did(house, SEND) == ["sent", "reported"]
    with house.database.write() as session:
        editors.add(session, "frank@example.net", now=SEND)
    assert did(house, SEND + dt.timedelta(hours=1)) == []


def test_a_send_that_was_done_days_ago_is_not_reported_any_more(house: House) -> None:
    send_all(house)
    with house.database.write() as session:
        session.execute(update(SendRow).values(status="done", finished_at=SEND))
    assert "reported" not in did(house, SEND + dt.timedelta(days=2))


def take_off(house: House, story: int, now: dt.datetime) -> None:
    """The site shows one of the week's stories no more."""
    with house.database.write() as session:
        (found,) = [
            one.id
            for one in articles.in_window(session, ["desk"], the_issue(house).moments.window)
            if one.source_id == f"story-{story}"
        ]
        withdrawn.take_off(session, [found], now=now)


def test_a_story_taken_off_its_site_holds_the_issue_that_tells_it(house: House) -> None:
    assert "drafted" in did(house, CUT_OFF)
    take_off(house, 3, CUT_OFF)
    (held,) = [step for step in did(house, DEADLINE) if step.startswith("held")]
    assert "was taken off its site" in held
    drafting.draft(house, the_issue(house), now=DEADLINE)
    issue = the_issue(house)
    assert issue.content is not None
    assert [one.reason for one in issue.content.left_out] == ["it was taken off its site"]
    assert issue.content.coverage.adds_up


def test_an_approved_issue_waits_where_a_story_is_taken_off_before_its_hour(house: House) -> None:
    did(house, CUT_OFF)
    assert "approved by the deadline rule" in did(house, DEADLINE)
    take_off(house, 3, DEADLINE)
    (held,) = did(house, SEND)
    assert held.startswith("held: “")
    assert the_issue(house).status is IssueStatus.HELD
