"""An editor's change is kept, holds over a rebuild, takes an approval back, and never overwrites another's."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from digest import approve, drafting, shaping
from digest.bootstrap import House
from digest.errors import BadInput, Conflict
from digest.model import (
    ArticleId,
    Change,
    Drop,
    Issue,
    IssueStatus,
    Join,
    Move,
    Place,
    Redo,
    Shape,
    Split,
    StoryWords,
    Undo,
    Words,
    Write,
    WriteMail,
)
from digest.reconcile import reconcile
from digest.shaping import Author, Clash
from digest.store import editions, events, issues
from digest.store.engine import Database
from tests.houses import SCHEDULE, SUNDAY, make_house
from tests.test_reconcile import CUT_OFF, DEADLINE, SEND, put

ERIN = Author(name="Erin", actor="editor:1", may_publish=True)
FRANK = Author(name="Frank", actor="editor:2", may_publish=True)
LATER = CUT_OFF + dt.timedelta(minutes=20)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house with a final draft of eight stories."""
    made = make_house(database, tmp_path)
    put(made, 8)
    reconcile(made, now=CUT_OFF)
    return made


def the_issue(house: House) -> Issue:
    with house.database.read() as session:
        found = issues.get(session, "sunday", SUNDAY.isoformat())
    assert found is not None
    return found


def change(
    house: House,
    wanted: Change,
    *,
    seen: int | None = None,
    by: Author = ERIN,
    now: dt.datetime = LATER,
) -> Shape:
    """Made by somebody who has just looked, unless `seen` says when."""
    issue = the_issue(house)
    with house.database.read() as session:
        version = shaping.shape_of(session, issue).version
    at = version if seen is None else seen
    return shaping.change(house, issue, wanted, seen=at, author=by, now=now).shape


def told(house: House) -> list[ArticleId]:
    content = the_issue(house).content
    assert content is not None
    return [story.article_id for story in content.stories]


def lead(house: House) -> str:
    content = the_issue(house).content
    assert content is not None
    assert content.lead is not None
    return content.lead.title


def test_a_change_makes_another_edition_and_is_in_the_audit_log(house: House) -> None:
    before = the_issue(house)
    last = told(house)[-1]
    shape = change(house, Move(story=last, to=Place.LEAD))
    after = the_issue(house)
    assert shape.version == 1
    assert told(house)[0] == last
    assert before.edition
    assert after.edition
    assert after.edition.checksum != before.edition.checksum
    assert (after.status, after.built_at) == (IssueStatus.DRAFT, before.built_at)
    with house.database.read() as session:
        (logged, *_) = events.recent(session, limit=1)
    assert (logged.actor, logged.action) == ("editor:1", "changed the issue")
    moved = {"version": 1, "change": "move", "story": str(last), "to": "lead"}
    assert logged.data == moved


def test_what_one_press_wrote_is_one_change_and_one_undo(house: House) -> None:
    issue, first = the_issue(house), told(house)[0]
    wanted = [Write(story=first, what=StoryWords.TITLE, value="Ours")]
    wanted.append(Write(story=first, what=StoryWords.SUMMARY, value="In our own words."))
    made = shaping.change(house, issue, *wanted, seen=0, author=ERIN, now=LATER)
    assert (made.shape.version, lead(house)) == (1, "Ours")
    with house.database.read() as session:
        (logged, *_) = events.recent(session, limit=1)
    assert logged.data == {
        "version": 1,
        "change": "together",
        "story": str(first),
        "what": "title, summary",
    }
    assert change(house, Undo()).stories == {}
    assert lead(house) != "Ours"
    assert change(house, Redo()).stories[first][StoryWords.SUMMARY] == "In our own words."


def test_who_comes_second_to_several_words_is_told_of_the_one_that_is_the_same(
    house: House,
) -> None:
    issue = the_issue(house)
    hers = [WriteMail(what=Words.INTRO, value="Hers"), WriteMail(what=Words.OUTRO, value="Hers")]
    his = [WriteMail(what=Words.OUTRO, value="His"), WriteMail(what=Words.SUBJECT, value="His")]
    shaping.change(house, issue, *hers, seen=0, author=ERIN, now=LATER)
    with pytest.raises(Clash) as clash:
        shaping.change(house, issue, *his, seen=0, author=ERIN, now=LATER)
    assert clash.value.theirs.change == WriteMail(what=Words.OUTRO, value="Hers")


def test_a_rebuild_keeps_what_a_person_decided(house: House) -> None:
    last = told(house)[-1]
    change(house, Move(story=last, to=Place.LEAD))
    change(house, Write(story=last, what=StoryWords.TITLE, value="Our own headline"))
    order = told(house)
    put(house, 2, first=20)
    drafting.draft(house, the_issue(house), now=LATER)
    assert told(house)[: len(order)] == order
    assert len(told(house)) == len(order) + 2
    assert lead(house) == "Our own headline"


def test_two_editors_change_different_things_and_both_hold(house: House) -> None:
    first, second, *_ = told(house)
    change(house, Write(story=first, what=StoryWords.TITLE, value="One"), seen=0)
    change(house, Write(story=second, what=StoryWords.TITLE, value="Two"), seen=0, by=FRANK)
    content = the_issue(house).content
    assert content is not None
    assert [story.title for story in content.stories[:2]] == ["One", "Two"]


def test_two_editors_who_change_the_same_are_shown_both(house: House) -> None:
    first = told(house)[0]
    change(house, Write(story=first, what=StoryWords.TITLE, value="One"), seen=0)
    with pytest.raises(Clash) as caught:
        change(house, Write(story=first, what=StoryWords.TITLE, value="Two"), seen=0, by=FRANK)
    assert caught.value.theirs.by == "Erin"
    assert lead(house) == "One"
    change(house, Write(story=first, what=StoryWords.TITLE, value="Two"), by=FRANK)
    assert lead(house) == "Two"


def test_stories_are_joined_and_split_with_the_stages_run_again(house: House) -> None:
    first, second, *others = told(house)
    change(house, Join(story=second, into=first))
    assert told(house) == [first, *others]
    with pytest.raises(BadInput, match="told with another one"):
        change(house, Drop(story=second, reason="x"))
    change(house, Split(story=second))
    assert set(told(house)) == {first, second, *others}
    change(house, Undo())
    assert told(house) == [first, *others]
    change(house, Undo())
    assert told(house) == [first, second, *others]
    change(house, Redo())
    assert told(house) == [first, *others]


def test_nothing_to_undo_or_redo_is_said(house: House) -> None:
    with pytest.raises(BadInput, match="nothing to take back"):
        change(house, Undo())
    with pytest.raises(BadInput, match="nothing was taken back"):
        change(house, Redo())


@pytest.mark.parametrize(
    ("when", "status"),
    [(LATER, IssueStatus.DRAFT), (DEADLINE + dt.timedelta(minutes=5), IssueStatus.HELD)],
)
def test_a_change_takes_an_approval_back(
    house: House, when: dt.datetime, status: IssueStatus
) -> None:
    issue = the_issue(house)
    assert issue.edition is not None
    approve.approve(
        house.database,
        issue,
        issue.edition.checksum,
        by="Erin",
        actor="editor:1",
        now=LATER,
        public_url=house.public_url,
    )
    change(house, WriteMail(what=Words.SUBJECT, value="A better one"), by=FRANK, now=when)
    after = the_issue(house)
    assert (after.status, after.approval) == (status, None)
    assert after.reason == "the approval was taken back: Frank changed the issue"


def test_what_goes_out_cannot_be_changed_any_more(house: House) -> None:
    for moment in (DEADLINE, SEND):
        reconcile(house, now=moment)
    with pytest.raises(Conflict, match="cannot be changed any more"):
        change(house, WriteMail(what=Words.INTRO, value="x"), now=SEND)


def test_a_held_issue_is_changed_and_stays_held(house: House) -> None:
    with house.database.write() as session:
        issue = the_issue(house)
        issues.move(session, issue.id, to=IssueStatus.HELD, now=LATER, reason="rain")
    change(house, WriteMail(what=Words.INTRO, value="Rain, too."))
    after = the_issue(house)
    assert (after.status, after.reason) == (IssueStatus.HELD, "rain")
    assert after.content
    assert after.content.intro == "Rain, too."


def test_an_edited_issue_has_every_form_that_readers_may_choose(
    sqlite: Database, tmp_path: Path
) -> None:
    table = '[variants]\nlanguages = ["de"]\nsections = true\n'
    house = make_house(sqlite, tmp_path, schedule=SCHEDULE + table)
    put(house, 8)
    reconcile(house, now=CUT_OFF)
    issue = the_issue(house)
    assert issue.content is not None
    first = issue.content.stories[0].article_id
    change(house, Write(story=first, what=StoryWords.TITLE, value="Rewritten"))
    edited = the_issue(house)
    assert edited.edition is not None
    with house.database.read() as session:
        forms = editions.variants(session, edited.edition.id)
    assert list(forms) == ["en.broadsheet", "de.broadsheet"]
    assert all("Rewritten" in form.html for form in forms.values())
    approve.approve(house.database, edited, edited.edition.checksum, by="Erin", actor="editor:1", now=LATER, public_url=house.public_url)  # fmt: skip


def test_a_week_does_not_become_thin_by_what_is_told_together(
    database: Database, tmp_path: Path
) -> None:
    text = SCHEDULE.replace("minimum_stories = 2", "minimum_stories = 3")
    made = make_house(database, tmp_path, schedule=text)
    put(made, 3)
    reconcile(made, now=CUT_OFF)
    first, second, third = told(made)
    change(made, Join(story=third, into=second))
    assert told(made) == [first, second]
    assert the_issue(made).status is IssueStatus.DRAFT
