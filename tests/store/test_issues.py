"""Issues: one a period, changed only along the table of transitions, approved by checksum."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from digest.errors import Conflict, NotFound
from digest.model import Issue, IssueId, IssueStatus
from digest.moments import Calendar, WeekTime
from digest.store import issues
from digest.store.engine import Database
from digest.store.tables import ApprovalRow, EditionRow, IssueRow
from tests.issues import CALENDAR, SUNDAY, content, moments, rendered
from tests.people import ERIN, NEWSLETTER, NOW

HOUR = dt.timedelta(hours=1)


def opened(database: Database, weeks: int = 0, newsletter: str = NEWSLETTER) -> Issue:
    with database.write() as session:
        issues.open_issue(session, newsletter, moments(weeks), now=NOW)
        found = issues.get(session, newsletter, moments(weeks).period)
    assert found is not None
    return found


def draft(database: Database, letter: str = "a", *, now: dt.datetime = NOW) -> Issue:
    issue = opened(database)
    with database.write() as session:
        issues.save_draft(session, issue.id, content(), rendered(letter), now=now)
    return read(database, issue.id)


def read(database: Database, issue_id: IssueId) -> Issue:
    with database.read() as session:
        return issues.by_id(session, issue_id)


def approve(database: Database, issue_id: IssueId, letter: str = "a") -> None:
    with database.write() as session:
        issues.approve(session, issue_id, letter * 64, by=ERIN, now=NOW, note="fine")


def move(database: Database, issue_id: IssueId, to: IssueStatus, reason: str = "") -> None:
    with database.write() as session:
        issues.move(session, issue_id, to=to, now=NOW, reason=reason)


def set_status(database: Database, issue_id: IssueId, status: IssueStatus) -> None:
    with database.write() as session:
        session.execute(update(IssueRow).values(status=status.value))
    assert read(database, issue_id).status is status


# ---------------------------------------------------------------- opening


def test_a_period_is_opened_once(database: Database) -> None:
    with database.write() as session:
        assert issues.open_issue(session, NEWSLETTER, moments(), now=NOW)
        assert not issues.open_issue(session, NEWSLETTER, moments(), now=NOW + HOUR)
    issue = opened(database)
    assert (issue.status, issue.number, issue.moments) == (IssueStatus.DUE, 1, moments())
    assert issue.content is issue.edition is issue.approval is None


def test_of_many_processes_one_opens_the_period(database: Database) -> None:
    others = [Database(database.url) for _ in range(4)]

    def attempt(one: Database) -> bool:
        with one.write() as session:
            return issues.open_issue(session, NEWSLETTER, moments(), now=NOW)

    with ThreadPoolExecutor(len(others)) as pool:
        won = list(pool.map(attempt, others))
    for one in others:
        one.close()
    assert sorted(won) == [False, False, False, True]


def test_numbers_count_up_for_each_newsletter(database: Database) -> None:
    numbers = [opened(database, week).number for week in range(3)]
    assert numbers == [1, 2, 3]
    assert opened(database, newsletter="other").number == 1


def test_a_period_that_nobody_approved_can_be_rescheduled(database: Database) -> None:
    issue = opened(database)
    later = Calendar(
        CALENDAR.zone,
        cut_off=CALENDAR.cut_off,
        remind=CALENDAR.remind,
        deadline=CALENDAR.deadline,
        send=WeekTime.parse("sunday 09:00"),
    ).moments(SUNDAY)
    with database.write() as session:
        issues.reschedule(session, issue.id, later, now=NOW)
    assert read(database, issue.id).moments == later


@pytest.mark.parametrize("status", ["approved", "sending", "sent", "skipped"])
def test_a_period_that_is_decided_keeps_its_moments(sqlite: Database, status: str) -> None:
    issue = opened(sqlite)
    set_status(sqlite, issue.id, IssueStatus(status))
    with pytest.raises(Conflict), sqlite.write() as session:
        issues.reschedule(session, issue.id, moments(), now=NOW)


def test_a_period_keeps_its_name(sqlite: Database) -> None:
    issue = opened(sqlite)
    with pytest.raises(Conflict), sqlite.write() as session:
        issues.reschedule(session, issue.id, moments(1), now=NOW)


# ---------------------------------------------------------------- drafts


def test_content_comes_back_as_it_was_composed(database: Database) -> None:
    issue = draft(database)
    assert issue.content == content()
    assert issue.edition is not None
    assert issue.edition.rendered == rendered()
    assert (issue.status, issue.built_at) == (IssueStatus.DRAFT, NOW)


def test_building_twice_gives_one_edition_and_a_newer_time(database: Database) -> None:
    first = draft(database)
    again = draft(database, now=NOW + HOUR)
    assert first.edition == again.edition
    assert again.built_at == NOW + HOUR
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EditionRow)) == 1


def test_the_newest_build_is_the_current_edition_also_when_an_old_one_comes_back(
    database: Database,
) -> None:
    first = draft(database, "a")
    second = draft(database, "b")
    third = draft(database, "a")
    assert second.edition is not None
    assert second.edition.checksum == "b" * 64
    assert third.edition == first.edition


def test_two_builders_at_once_leave_content_and_edition_of_one_of_them(database: Database) -> None:
    issue = opened(database)
    others = [Database(database.url) for _ in range(4)]

    def build(at: int) -> None:
        letter = "ab"[at % 2]
        with others[at].write() as session:
            issues.save_draft(session, issue.id, content(letter), rendered(letter), now=NOW)

    with ThreadPoolExecutor(len(others)) as pool:
        list(pool.map(build, range(len(others))))
    for one in others:
        one.close()
    found = read(database, issue.id)
    assert found.content is not None
    assert found.edition is not None
    assert found.edition.checksum == found.content.subject * 64
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EditionRow)) == 2


@pytest.mark.parametrize("status", ["approved", "sending", "sent", "skipped"])
def test_nothing_is_built_over_a_decision(database: Database, status: str) -> None:
    issue = draft(database)
    set_status(database, issue.id, IssueStatus(status))
    with pytest.raises(Conflict), database.write() as session:
        issues.save_draft(session, issue.id, content("other"), rendered("b"), now=NOW)
    assert read(database, issue.id).content == content()


# ---------------------------------------------------------------- consent


def test_a_consent_names_the_current_edition(database: Database) -> None:
    issue = draft(database)
    approve(database, issue.id)
    found = read(database, issue.id)
    assert found.status is IssueStatus.APPROVED
    assert found.approval is not None
    assert (found.approval.checksum, found.approval.by) == ("a" * 64, ERIN)
    assert (found.approval.at, found.approval.note) == (NOW, "fine")


@pytest.mark.parametrize("letter", ["a", "c"])
def test_a_consent_to_another_edition_is_refused(database: Database, letter: str) -> None:
    draft(database, "a")
    issue = draft(database, "b")
    with pytest.raises(Conflict, match="bbbbbbbbbbbb"):
        approve(database, issue.id, letter)
    assert read(database, issue.id).status is IssueStatus.DRAFT
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ApprovalRow)) == 0


def test_without_a_draft_there_is_nothing_to_consent_to(sqlite: Database) -> None:
    issue = opened(sqlite)
    move(sqlite, issue.id, IssueStatus.HELD, "no story")
    with pytest.raises(Conflict, match="no edition"):
        approve(sqlite, issue.id)


def test_of_two_consents_the_first_counts(database: Database) -> None:
    issue = draft(database)
    approve(database, issue.id)
    with pytest.raises(Conflict, match="approved"):
        approve(database, issue.id)


def test_a_consent_taken_back_does_not_count_again_when_its_edition_comes_back(
    database: Database,
) -> None:
    issue = draft(database, "a")
    approve(database, issue.id)
    with database.write() as session:
        issues.withdraw(session, issue.id, why=f"the approval was withdrawn by {ERIN}", now=NOW)
    taken_back = read(database, issue.id)
    assert taken_back.status is IssueStatus.DRAFT
    assert taken_back.approval is None
    assert ERIN in taken_back.reason
    draft(database, "b")
    assert draft(database, "a").approval is None


def test_a_late_issue_that_is_held_has_lost_its_consent(database: Database) -> None:
    issue = draft(database)
    approve(database, issue.id)
    move(database, issue.id, IssueStatus.HELD, "7 h late")
    assert read(database, issue.id).approval is None
    approve(database, issue.id)
    assert read(database, issue.id).approval is not None


def test_a_consent_cannot_be_taken_back_once_it_is_sent(sqlite: Database) -> None:
    issue = draft(sqlite)
    approve(sqlite, issue.id)
    move(sqlite, issue.id, IssueStatus.SENDING)
    with pytest.raises(Conflict), sqlite.write() as session:
        issues.withdraw(session, issue.id, why=f"the approval was withdrawn by {ERIN}", now=NOW)
    assert read(sqlite, issue.id).approval is not None


# ---------------------------------------------------------------- transitions


@pytest.mark.parametrize("before", list(IssueStatus))
@pytest.mark.parametrize("to", [s for s in IssueStatus if s is not IssueStatus.APPROVED])
def test_a_status_changes_only_along_the_table(
    sqlite: Database, before: IssueStatus, to: IssueStatus
) -> None:
    issue = opened(sqlite)
    set_status(sqlite, issue.id, before)
    if to in issues.TRANSITIONS[before]:
        move(sqlite, issue.id, to, "because")
        found = read(sqlite, issue.id)
        assert (found.status, found.reason) == (to, "because")
    else:
        with pytest.raises(Conflict, match=before.value):
            move(sqlite, issue.id, to)
        assert read(sqlite, issue.id).status is before


def test_every_status_stands_in_the_table_and_every_one_can_be_reached() -> None:
    assert set(issues.TRANSITIONS) == set(IssueStatus)
    reached = {to for after in issues.TRANSITIONS.values() for to in after}
    assert reached == set(IssueStatus)


def test_a_move_is_no_way_around_the_consent(sqlite: Database) -> None:
    issue = draft(sqlite)
    with pytest.raises(Conflict, match="checksum"):
        move(sqlite, issue.id, IssueStatus.APPROVED)


def test_of_many_processes_one_moves_the_issue(database: Database) -> None:
    issue = draft(database)
    approve(database, issue.id)
    others = [Database(database.url) for _ in range(4)]

    def attempt(one: Database) -> str:
        try:
            move(one, issue.id, IssueStatus.SENDING)
        except Conflict:
            return "lost"
        return "won"

    with ThreadPoolExecutor(len(others)) as pool:
        outcomes = sorted(pool.map(attempt, others))
    for one in others:
        one.close()
    assert outcomes == ["lost", "lost", "lost", "won"]


def test_an_issue_that_is_not_there_is_not_found(sqlite: Database) -> None:
    with pytest.raises(NotFound):
        read(sqlite, IssueId(99))
    with pytest.raises(NotFound):
        move(sqlite, IssueId(99), IssueStatus.DRAFT)


def test_editors_are_reminded_once(database: Database) -> None:
    issue = opened(database)
    with database.write() as session:
        assert issues.remind(session, issue.id, due=NOW, now=NOW)
        assert not issues.remind(session, issue.id, due=NOW, now=NOW + HOUR)
    assert read(database, issue.id).reminded_at == NOW


# ---------------------------------------------------------------- lists


def test_lists_tell_what_is_unfinished_what_is_new_and_what_was_sent(database: Database) -> None:
    ids = [opened(database, week).id for week in range(4)]
    for issue_id, status in zip(ids, ("sent", "skipped", "sent", "due"), strict=True):
        with database.write() as session:
            change = update(IssueRow).where(IssueRow.id == issue_id).values(status=status)  # type: ignore[arg-type]
            session.execute(change)
    with database.read() as session:
        assert [i.id for i in issues.unfinished(session, NEWSLETTER)] == [ids[3]]
        assert [i.id for i in issues.recent(session, NEWSLETTER, limit=3)] == ids[:0:-1]
        assert [i.id for i in issues.archive(session, NEWSLETTER, limit=5)] == [ids[2], ids[0]]
        assert [i.id for i in issues.archive(session, NEWSLETTER, limit=1)] == [ids[2]]
        assert issues.published(session, NEWSLETTER, moments(1).period) is None
        assert issues.published(session, NEWSLETTER, moments(2).period) is not None
        assert issues.recent(session, "other", limit=5) == []


def untold_since(database: Database, week: int) -> dt.datetime | None:
    period = moments(week).period
    with database.read() as session:
        return issues.untold_since(session, NEWSLETTER, before_period=period)


def test_the_next_window_begins_where_the_last_one_ended(database: Database) -> None:
    assert untold_since(database, 1) is None
    opened(database, 0)
    opened(database, 1)
    assert untold_since(database, 0) is None
    assert untold_since(database, 1) == moments(0).window.end
    assert untold_since(database, 2) == moments(1).window.end


def test_an_issue_dropped_before_its_week_was_over_closed_no_window(database: Database) -> None:
    opened(database, 0)
    dropped = opened(database, 1)
    move(database, dropped.id, IssueStatus.SKIPPED, "the send day was changed")
    assert untold_since(database, 2) == moments(0).window.end


def test_a_thin_week_leaves_its_stories_to_the_next_one(database: Database) -> None:
    opened(database, 0)
    issue = opened(database, 1)
    with database.write() as session:
        over = moments(1).window.end + HOUR
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=over, reason="a thin week")
    assert untold_since(database, 2) == moments(0).window.end
