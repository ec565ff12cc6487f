"""Changes of an issue: appended, numbered without a gap, read as they were written."""

from __future__ import annotations

import pytest

from digest.errors import Conflict
from digest.model import (
    ArticleId,
    Change,
    Drop,
    Edit,
    IssueId,
    IssueStatus,
    Join,
    Layout,
    Move,
    Place,
    Redo,
    Split,
    StoryWords,
    Undo,
    Words,
    Write,
    WriteMail,
)
from digest.store import issues, shapes
from digest.store.engine import Database
from tests.issues import content, moments
from tests.people import NEWSLETTER, NOW

ONE, TWO = ArticleId(1), ArticleId(2)
LAYOUT = Layout(
    lead=ONE,
    sections=(("Harbour", (TWO,)),),
    briefs=(ArticleId(3),),
    dropped=((ArticleId(4), "old"),),
)
EVERY: tuple[Change, ...] = (
    Move(story=ONE, to=Place.LEAD),
    Move(story=ONE, to="Harbour", before=TWO),
    Drop(story=ONE, reason="old"),
    Join(story=ONE, into=TWO, line=(ONE, ArticleId(3))),
    Split(story=ONE),
    Write(story=ONE, what=StoryWords.TITLE, value="“Ours”"),
    WriteMail(what=Words.INTRO, value="Two\nlines"),
    Undo(),
    Redo(),
)


def an_issue(database: Database) -> IssueId:
    with database.write() as session:
        issues.open_issue(session, NEWSLETTER, moments(), now=NOW)
        found = issues.get(session, NEWSLETTER, moments().period)
    assert found is not None
    return found.id


def edit(version: int, change: Change, layout: Layout | None = None) -> Edit:
    return Edit(version=version, by="Erin", at=NOW, change=change, layout=layout)


def test_every_kind_of_change_comes_back_as_it_was(database: Database) -> None:
    issue = an_issue(database)
    made = [edit(n, change, LAYOUT if n % 2 else None) for n, change in enumerate(EVERY, 1)]
    with database.write() as session:
        for one in made:
            shapes.add(session, issue, one)
    with database.read() as session:
        assert shapes.edits_of(session, issue) == made
        assert shapes.version(session, issue) == len(EVERY)


def test_a_number_that_is_taken_is_refused(database: Database) -> None:
    issue = an_issue(database)
    with database.write() as session:
        assert shapes.standing(session, issue, locked=True) == (IssueStatus.DUE, 0, None)
        shapes.add(session, issue, edit(1, Undo()))
        with pytest.raises(Conflict):
            shapes.add(session, issue, edit(1, Redo()))


def test_a_week_is_kept_instead_of_the_one_before(database: Database) -> None:
    issue = an_issue(database)
    with database.write() as session:
        assert shapes.week_of(session, issue) is None
        assert shapes.version(session, issue) == 0
        for subject in ("first", "second"):
            shapes.keep_week(session, issue, content(subject=subject))
    with database.read() as session:
        assert shapes.week_of(session, issue) == content(subject="second")
