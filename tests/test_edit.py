"""What editors decide holds over every rebuild, and no article is ever lost by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import compose, edit, regroup
from digest.errors import BadInput
from digest.model import (
    UNSHAPED,
    Article,
    ArticleId,
    Change,
    Drop,
    Edit,
    Image,
    IssueContent,
    Join,
    Layout,
    Move,
    Place,
    Ranked,
    Redo,
    Selection,
    Shape,
    Split,
    Storyline,
    StoryWords,
    Summary,
    Undo,
    Words,
    Write,
    WriteMail,
)
from tests import issues, sample_issue
from tests.articles import WEDNESDAY, stored

SCHEDULE = sample_issue.schedule()
LONG = Summary("It runs. It runs hourly. It runs late.", (), "extractive")


def article(number: int, *, section: str = "Harbour") -> Article:
    when = WEDNESDAY + dt.timedelta(minutes=number)
    picture = Image("https://gazette.example/p.jpg", "A ferry")
    title = f"Story number {number}"
    return stored(title, id=number, published_at=when, section=section, image=picture)


def line(*numbers: int) -> Storyline:
    members = tuple(article(number) for number in numbers)
    return Storyline(members[-1], members)


def week_of(lines: Sequence[Storyline], left_out: int = 0) -> IssueContent:
    """The stages' own week: the first line leads, the next three stand in a section, the rest are briefs."""
    members = tuple(one for single in lines for one in single.members)
    selection = Selection(sample_issue.WINDOW, members)
    ranked = [Ranked(single, 1.0, ()) for single in lines]
    table = SCHEDULE.compose.model_copy(update={"stories": 4})
    return compose.lay(
        ranked,
        {one.id: LONG for one in members},
        selection,
        schedule=SCHEDULE.model_copy(update={"compose": table}),
        moments=issues.moments(),
        number=1,
    )


class Desk:
    """An issue at the desk: changes are made, and the week is built anew after each."""

    def __init__(self, *lines: Storyline) -> None:
        self.lines = list(lines)
        self.edits: list[Edit] = []

    @property
    def shape(self) -> Shape:
        return edit.shape_of(self.edits)

    @property
    def week(self) -> IssueContent:
        return week_of(regroup.regrouped(self.lines, self.shape))

    @property
    def content(self) -> IssueContent:
        return edit.shaped(self.week, self.shape, SCHEDULE)

    def layout(self) -> Layout:
        return edit.layout_of(self.content)

    def does(self, change: Change) -> None:
        shape, layout = self.shape, None
        if isinstance(change, Move | Drop | Join | Split):
            told = edit.told_with(self.week, change.story)
            change = replace(change, line=told) if isinstance(change, Join) else change
            before = shape.layout or edit.layout_of(self.week)
            layout = edit.moved(edit.with_pending(before, self.week), change, line=told)
        version = shape.version + 1
        made = Edit(version=version, by="erin", at=WEDNESDAY, change=change, layout=layout)
        self.edits.append(made)


def ids(content: IssueContent) -> list[int]:
    return [int(story.article_id) for story in content.stories]


def a_desk() -> Desk:
    return Desk(line(1), line(2), line(3, 30), line(4), line(5), line(6))


def a(number: int) -> ArticleId:
    return ArticleId(number)


# ---------------------------------------------------------------- moving


def test_without_edits_a_week_is_as_the_stages_made_it() -> None:
    desk = a_desk()
    assert ids(desk.content) == [1, 2, 30, 4, 5, 6]
    assert desk.content == compose.finish(desk.week, SCHEDULE)
    assert desk.content.briefs[0].summary.text == "It runs."


def test_a_new_lead_puts_the_old_one_first_in_the_first_section() -> None:
    desk = a_desk()
    desk.does(Move(story=a(5), to=Place.LEAD))
    assert ids(desk.content) == [5, 1, 2, 30, 4, 6]
    assert desk.content.lead
    assert desk.content.lead.summary.text == LONG.text
    assert desk.content.subject.startswith("Story number 5")


def test_a_story_goes_before_another_one_or_to_the_end_or_into_a_new_section() -> None:
    desk = a_desk()
    desk.does(Move(story=a(4), to="Harbour", before=a(2)))
    assert ids(desk.content)[:4] == [1, 4, 2, 30]
    desk.does(Move(story=a(6), to="Harbour"))
    assert ids(desk.content) == [1, 4, 2, 30, 6, 5]
    desk.does(Move(story=a(5), to="Weather"))
    assert [section.name for section in desk.content.sections] == ["Harbour", "Weather"]
    assert desk.content.sections[1].stories[0].section == "Weather"
    desk.does(Move(story=a(2), to=Place.BRIEFS))
    assert [one.summary.text for one in desk.content.briefs] == ["It runs."]


def test_a_dropped_story_is_left_out_with_its_thread_and_its_reason() -> None:
    desk = a_desk()
    desk.does(Drop(story=a(30), reason="we told it on Monday"))
    assert 30 not in ids(desk.content)
    out = {int(one.article_id): one.reason for one in desk.content.left_out}
    assert out == {3: "we told it on Monday", 30: "we told it on Monday"}
    desk.does(Move(story=a(30), to=Place.BRIEFS, before=a(5)))
    assert ids(desk.content) == [1, 2, 4, 30, 5, 6]
    assert desk.content.left_out == ()


def test_when_the_lead_is_dropped_the_next_story_leads() -> None:
    desk = a_desk()
    desk.does(Drop(story=a(1), reason="wrong"))
    assert desk.content.lead
    assert desk.content.lead.article_id == 2


def test_a_move_before_a_story_that_stands_elsewhere_is_refused() -> None:
    with pytest.raises(BadInput, match="does not stand in Harbour"):
        a_desk().does(Move(story=a(2), to="Harbour", before=a(5)))


# ---------------------------------------------------------------- rebuilds


def test_what_comes_later_is_told_last_is_pending_and_moves_nothing() -> None:
    desk = a_desk()
    desk.does(Move(story=a(5), to=Place.LEAD))
    before = ids(desk.content)
    desk.lines.insert(0, line(9))
    assert ids(desk.content) == [*before, 9]
    assert [int(one.article_id) for one in edit.pending(desk.week, desk.shape)] == [9]
    desk.does(Move(story=a(9), to="Harbour", before=a(2)))
    assert edit.pending(desk.week, desk.shape) == ()
    assert ids(desk.content) == [5, 1, 9, 2, 30, 4, 6]


def test_a_follow_up_joins_the_placed_story_and_does_not_take_its_place() -> None:
    desk = a_desk()
    desk.does(Move(story=a(30), to=Place.LEAD))
    desk.lines[2] = line(3, 30, 31)
    assert desk.content.lead
    assert desk.content.lead.article_id == 30
    assert [int(one.article_id) for one in desk.content.lead.thread] == [3, 31]


def test_a_follow_up_of_a_dropped_story_is_told_and_the_dropped_one_is_not() -> None:
    desk = a_desk()
    desk.does(Drop(story=a(30), reason="old"))
    desk.lines[2] = line(3, 30, 31)
    assert ids(desk.content)[-1] == 31
    assert {int(one.article_id) for one in desk.content.left_out} == {3, 30}


def test_two_placed_stories_that_the_stages_join_later_stay_two() -> None:
    desk = a_desk()
    desk.does(Move(story=a(4), to=Place.LEAD))
    desk.lines[1:2], desk.lines[3:4] = [line(2, 4)], []
    assert {2, 4} <= set(ids(desk.content))


def test_a_story_that_is_gone_leaves_its_place_and_comes_back_to_it() -> None:
    desk = a_desk()
    desk.does(Move(story=a(5), to="Harbour", before=a(4)))
    gone = desk.lines.pop(4)
    assert ids(desk.content) == [1, 2, 30, 4, 6]
    desk.lines.append(gone)
    assert ids(desk.content) == [1, 2, 30, 5, 4, 6]


# ---------------------------------------------------------------- storylines


def test_two_stories_are_joined_and_split_again() -> None:
    desk = a_desk()
    desk.does(Join(story=a(30), into=a(4)))
    assert ids(desk.content) == [1, 2, 4, 5, 6]
    told = desk.content.sections[0].stories[1]
    assert [int(one.article_id) for one in told.thread] == [3, 30]
    desk.does(Split(story=a(30)))
    assert ids(desk.content) == [1, 2, 4, 30, 5, 6]
    assert [int(one.article_id) for one in desk.content.sections[0].stories[1].thread] == [3]


def test_a_split_beside_the_lead_is_the_first_brief() -> None:
    desk = Desk(line(1, 2), line(3))
    desk.does(Split(story=a(1)))
    assert ids(desk.content) == [2, 3, 1]


def test_a_join_into_what_is_not_told_is_refused() -> None:
    with pytest.raises(BadInput, match="not in the mail"):
        a_desk().does(Join(story=a(2), into=a(77)))


# ---------------------------------------------------------------- writing


def test_what_is_written_stands_whole_also_in_a_brief_and_an_empty_one_gives_back() -> None:
    desk = a_desk()
    desk.does(Write(story=a(5), what=StoryWords.SUMMARY, value="Two. Sentences."))
    desk.does(Write(story=a(5), what=StoryWords.TITLE, value="Ours"))
    brief = desk.content.briefs[0]
    assert (brief.title, brief.summary.text, brief.summary.method) == (
        "Ours",
        "Two. Sentences.",
        compose.WRITTEN,
    )
    desk.does(Write(story=a(5), what=StoryWords.SUMMARY, value=""))
    assert desk.content.briefs[0].summary.text == "It runs."


def test_a_picture_can_be_hidden_and_its_text_written() -> None:
    desk = a_desk()
    desk.does(Write(story=a(1), what=StoryWords.ALT, value="The new ferry"))
    assert desk.content.lead
    assert desk.content.lead.image
    assert desk.content.lead.image.alt == "The new ferry"
    desk.does(Write(story=a(1), what=StoryWords.PICTURE, value="off"))
    assert desk.content.lead.image is None


def test_the_mails_own_words_are_the_editors_where_they_wrote_any() -> None:
    desk = a_desk()
    for what in Words:
        desk.does(WriteMail(what=what, value=f"our {what}"))
    made = desk.content
    words = Words.SUBJECT, Words.PREHEADER, Words.INTRO, Words.OUTRO
    assert (made.subject, made.preheader, made.intro, made.outro) == tuple(
        f"our {what}" for what in words
    )
    assert made.contest is not None
    assert made.contest.second == "our second"
    assert made.contest.share == 20, "what makes no sense is the schedule's"


# ---------------------------------------------------------------- history


def test_undo_and_redo_walk_the_whole_history() -> None:
    desk = a_desk()
    seen = [desk.content]
    changes: tuple[Change, ...] = (
        Move(story=a(5), to=Place.LEAD),
        Write(story=a(5), what=StoryWords.TITLE, value="Ours"),
        Join(story=a(2), into=a(4)),
    )
    for change in changes:
        desk.does(change)
        seen.append(desk.content)
    for before in reversed(seen[:-1]):
        desk.does(Undo())
        assert desk.content == before
    assert desk.shape.standing == ()
    for after in seen[1:]:
        desk.does(Redo())
        assert desk.content == after
    desk.does(Undo())
    desk.does(Drop(story=a(6), reason="old"))
    assert desk.shape.undone == ()


def test_two_editors_clash_only_where_they_touched_the_same() -> None:
    def made(change: Change) -> Edit:
        return Edit(version=1, by="frank", at=WEDNESDAY, change=change)

    title = Write(story=a(1), what=StoryWords.TITLE, value="x")
    assert edit.clash(title, [made(replace(title, value="y"))])
    assert edit.clash(title, [made(replace(title, what=StoryWords.ALT))]) is None
    assert edit.clash(title, [made(Move(story=a(1), to=Place.LEAD))]) is None
    assert edit.clash(Move(story=a(1), to=Place.LEAD), [made(Drop(story=a(1), reason="x"))])
    assert edit.clash(Join(story=a(1), into=a(2)), [made(Drop(story=a(2), reason="x"))])
    assert edit.clash(Undo(), [made(title)])
    subject = WriteMail(what=Words.SUBJECT, value="x")
    assert edit.clash(subject, [made(replace(subject, what=Words.INTRO))]) is None


# ---------------------------------------------------------------- nothing is lost

NUMBERS = st.integers(1, 9).map(ArticleId)
PLACES = st.sampled_from([Place.LEAD, Place.BRIEFS, "Harbour", "Weather"])
CHANGES = st.one_of(
    st.builds(Move, story=NUMBERS, to=PLACES, before=st.none() | NUMBERS),
    st.builds(Drop, story=NUMBERS, reason=st.just("old")),
    st.builds(Join, story=NUMBERS, into=NUMBERS),
    st.builds(Split, story=NUMBERS),
    st.builds(Undo),
    st.builds(Redo),
)
GROUPINGS = st.lists(st.integers(0, 4), min_size=9, max_size=9)


def lines_of(grouping: Sequence[int]) -> list[Storyline]:
    groups: dict[int, list[int]] = {}
    for number, group in enumerate(grouping, 1):
        groups.setdefault(group, []).append(number)
    return [line(*members) for members in groups.values()]


@given(GROUPINGS, st.lists(CHANGES, max_size=12), GROUPINGS)
@settings(max_examples=80, deadline=None)
def test_no_article_is_lost_or_told_twice_whatever_is_done(
    before: list[int], changes: list[Change], after: list[int]
) -> None:
    desk = Desk(*lines_of(before))
    for number, change in enumerate(changes):
        if number == len(changes) // 2:
            desk.lines = lines_of(after)
        if isinstance(change, Undo) and not desk.shape.standing:
            continue
        if isinstance(change, Redo) and not desk.shape.undone:
            continue
        try:
            desk.does(change)
        except BadInput:
            continue
        content = desk.content
        told = [*content.stories, *content.left_out]
        told += [item for story in content.stories for item in story.thread]  # type: ignore[arg-type]
        assert sorted(int(one.article_id) for one in told) == list(range(1, 10))
        assert content.coverage.adds_up
        assert content.lead is not None or not content.stories


def test_the_shape_of_nothing_is_unshaped() -> None:
    assert edit.shape_of([]) == UNSHAPED


# ---------------------------------------------------------------- written, and followed up


def test_a_written_story_keeps_its_words_when_a_follow_up_would_lead() -> None:
    desk = a_desk()
    desk.does(Write(story=a(2), what=StoryWords.TITLE, value="Our own headline"))
    desk.lines[1] = line(2, 20)
    assert ids(desk.content) == [1, 2, 30, 4, 5, 6]
    story = desk.content.stories[1]
    assert (story.title, [one.article_id for one in story.thread]) == ("Our own headline", [20])
    desk.does(Write(story=a(2), what=StoryWords.TITLE, value=""))
    assert ids(desk.content)[1] == 20, "what is given back holds no place"


def test_two_written_stories_stay_two_and_a_joined_one_stays_joined() -> None:
    desk = a_desk()
    for number in (4, 5):
        desk.does(Write(story=a(number), what=StoryWords.SUMMARY, value=f"Ours of {number}."))
    desk.lines[3:5] = [line(4, 5)]
    assert set(ids(desk.content)) == {1, 2, 30, 4, 5, 6}
    desk.does(Join(story=a(5), into=a(4)))
    assert set(ids(desk.content)) == {1, 2, 30, 4, 6}
    assert desk.content.coverage.adds_up


def test_a_follow_up_to_a_story_that_was_left_out_is_told() -> None:
    desk = a_desk()
    desk.does(Drop(story=a(2), reason="told on Monday"))
    desk.lines[1] = line(2, 20)
    assert ids(desk.content) == [1, 30, 4, 5, 6, 20]
    assert [one.article_id for one in desk.content.left_out] == [2]
    assert desk.content.coverage.adds_up
