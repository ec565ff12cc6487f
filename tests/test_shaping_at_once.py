"""A change while others change the same issue: the changes, the draft and its checksum agree at every moment."""

from __future__ import annotations

import contextlib
import functools
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from digest import approve, drafting, edit, shaping, variants
from digest.bootstrap import House
from digest.errors import BadInput, Conflict
from digest.model import (
    ArticleId,
    Change,
    Drop,
    IssueStatus,
    Join,
    Move,
    Place,
    StoryWords,
    Words,
    Write,
    WriteMail,
)
from digest.reconcile import reconcile
from digest.shaping import Author
from digest.store import shapes
from digest.store.engine import Database
from tests.houses import make_house
from tests.test_reconcile import CUT_OFF, consent, put
from tests.test_shaping import ERIN, FRANK, LATER, the_issue, told

EDITOR = Author(name="Grace", actor="editor:3")
Act = Callable[[House], object]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house with a final draft of eight stories."""
    made = make_house(database, tmp_path)
    put(made, 8)
    reconcile(made, now=CUT_OFF)
    return made


@dataclass
class Meanwhile:
    """A house in which something happens once, while the draft of a change is being made."""

    house: House
    act: Act | None

    def __getattr__(self, name: str) -> Any:
        if name == "schedules" and (act := self.act):
            self.act = None
            act(self.house)
        return getattr(self.house, name)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two editors do not wait for each other: as where each is at a server of their own."""
    monkeypatch.setattr(shaping, "_TURNS", (contextlib.nullcontext(),))


def assert_all_agrees(house: House) -> None:
    """The stored draft is what the changes make of the week, and the edition is that draft's."""
    issue, schedule = the_issue(house), house.schedule("sunday")
    with house.database.read() as session:
        edits = shapes.edits_of(session, issue.id)
        week = shapes.week_of(session, issue.id)
    assert week is not None
    assert issue.content is not None
    assert issue.edition is not None
    assert [one.version for one in edits] == list(range(1, len(edits) + 1))
    assert issue.content == edit.shaped(week, edit.shape_of(edits), schedule)
    assert issue.content.coverage.adds_up
    printed = variants.print_all(issue.content, schedule, public_url=house.public_url)
    assert issue.edition.rendered == printed.rendered


def version(house: House) -> int:
    with house.database.read() as session:
        return shapes.version(session, the_issue(house).id)


def make(
    house: House, wanted: Change, *, by: Author = ERIN, meanwhile: Act | None = None
) -> shaping.Changed:
    inside = Meanwhile(house, meanwhile)
    return shaping.change(
        inside, the_issue(house), wanted, seen=version(house), author=by, now=LATER
    )


def approving(house: House) -> None:
    consent(house, LATER, by="Dora", actor="editor:9")


def joining(house: House) -> Change:
    first, second = told(house)[1:3]
    return Join(story=second, into=first)


def writing(house: House) -> Change:
    return Write(story=told(house)[2], what=StoryWords.TITLE, value="Ours")


#: With the stages run again, and without.
KINDS = [joining, writing]


@pytest.mark.parametrize("kind", KINDS)
def test_an_approval_that_comes_while_the_draft_is_made_is_taken_back(
    house: House, kind: Callable[[House], Change]
) -> None:
    old = the_issue(house)
    assert old.edition is not None
    changed = make(house, kind(house), meanwhile=approving)
    after = the_issue(house)
    assert (after.status, after.approval) == (IssueStatus.DRAFT, None)
    assert after.reason == "the approval was taken back: Erin changed the issue"
    assert after.edition is not None
    assert after.edition.checksum != old.edition.checksum
    assert changed.issue == after
    assert_all_agrees(house)


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_approve_does_not_change_what_was_approved_meanwhile(
    house: House, kind: Callable[[House], Change]
) -> None:
    with pytest.raises(Conflict, match="it was approved"):
        make(house, kind(house), by=EDITOR, meanwhile=approving)
    assert the_issue(house).status is IssueStatus.APPROVED
    assert version(house) == 0
    assert_all_agrees(house)


@pytest.mark.parametrize("kind", KINDS)
def test_an_approval_of_what_stood_before_a_change_comes_too_late(
    house: House, kind: Callable[[House], Change]
) -> None:
    old = the_issue(house)
    assert old.edition is not None
    make(house, kind(house))
    with pytest.raises(Conflict):
        approve.approve(house.database, old, old.edition.checksum, by="Dora", actor="editor:9", now=LATER, public_url=house.public_url)  # fmt: skip
    with pytest.raises(Conflict, match="by now"):
        approve.approve(house.database, the_issue(house), old.edition.checksum, by="Dora", actor="editor:9", now=LATER, public_url=house.public_url)  # fmt: skip
    assert the_issue(house).status is IssueStatus.DRAFT


def rebuilding(house: House) -> None:
    put(house, 2, first=20)
    drafting.draft(house, the_issue(house), now=LATER)


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_that_is_built_meanwhile_keeps_its_new_stories(
    house: House, kind: Callable[[House], Change]
) -> None:
    stories = len(told(house))
    changed = make(house, kind(house), meanwhile=rebuilding)
    assert len(told(house)) == stories + 2 - (kind is joining)
    assert changed.issue == the_issue(house)
    assert_all_agrees(house)


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("other", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_another_editors_change_meanwhile_holds_as_well_or_is_shown(
    house: House, kind: Callable[[House], Change], other: Callable[[House], Change]
) -> None:
    def franks(house: House) -> None:
        make(house, other(house), by=FRANK)

    if kind is other:
        with pytest.raises(shaping.Clash) as caught:
            make(house, kind(house), meanwhile=franks)
        assert caught.value.theirs.by == "Frank"
        assert version(house) == 1
    else:
        changed = make(house, kind(house), meanwhile=franks)
        assert [one.by for one in changed.shape.standing] == ["Frank", "Erin"]
    assert_all_agrees(house)


@dataclass
class Crowd:
    """Everybody at once. answered: what was said to be done; wrong: what should never be raised."""

    house: House
    answered: list[Change] = field(default_factory=list)
    wrong: list[BaseException] = field(default_factory=list)

    def tries(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except (Conflict, BadInput):  # said aloud, and nothing was done
            return False
        except BaseException as error:
            self.wrong.append(error)
            return False
        return True

    def edits(self, author: Author, seed: int) -> None:
        dice, stories = random.Random(seed), told(self.house)
        for number in range(5):
            wanted = any_change(dice, stories, f"{author.name} {number}")
            if self.tries(functools.partial(make, self.house, wanted, by=author)):
                self.answered.append(wanted)

    def builds_and_approves(self) -> None:
        for number in range(3):
            put(self.house, 1, first=30 + number)
            self.tries(lambda: drafting.draft(self.house, the_issue(self.house), now=LATER))
            self.tries(lambda: approving(self.house))


def any_change(dice: random.Random, stories: list[ArticleId], words: str) -> Change:
    story, other = dice.sample(stories, 2)
    kinds: list[Change] = [
        Move(story=story, to=Place.BRIEFS),
        Drop(story=story, reason=words),
        Join(story=story, into=other),
        Write(story=story, what=StoryWords.TITLE, value=words),
        WriteMail(what=Words.INTRO, value=words),
    ]
    return dice.choice(kinds)


@pytest.mark.parametrize("apart", [False, True], ids=["one server", "two servers"])
def test_two_editors_at_once_with_a_builder_and_an_approver_lose_nothing(
    house: House, request: pytest.FixtureRequest, apart: bool
) -> None:
    if apart:
        request.getfixturevalue("processes")
    crowd = Crowd(house)
    threads = [
        threading.Thread(target=crowd.edits, args=(ERIN, 1)),
        threading.Thread(target=crowd.edits, args=(FRANK, 2)),
        threading.Thread(target=crowd.builds_and_approves),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert crowd.wrong == []
    assert version(house) == len(crowd.answered) > 0
    assert_all_agrees(house)
    issue = the_issue(house)
    assert (issue.status is IssueStatus.APPROVED) == (issue.approval is not None)
