"""What editors decided, laid over a draft: pure, and the same for every rebuild.

Edits are kept, not their outcome. `shape_of` sums them up; `regroup.regrouped` and `shaped` apply the sum to what the
stages made of the week. A story that came later than the last move stands at the end of the briefs,
so that it is told, and `pending` names it; nothing that a person placed is ever moved by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from digest import compose
from digest.errors import BadInput
from digest.model import (
    ArticleId,
    Change,
    Coverage,
    Drop,
    Edit,
    IssueContent,
    Join,
    Layout,
    Move,
    Omission,
    Place,
    Redo,
    Section,
    Shape,
    Split,
    Story,
    StoryWords,
    Summary,
    ThreadItem,
    Together,
    Undo,
    Words,
    Write,
    WriteMail,
)
from digest.schedules import Schedule

# ---------------------------------------------------------------- summing up


def shape_of(edits: Iterable[Edit]) -> Shape:
    """What an issue's edits come to, oldest first."""
    standing: list[Edit] = []
    undone: list[Edit] = []
    version = 0
    for edit in edits:
        version = edit.version
        if isinstance(edit.change, Undo):
            undone.append(standing.pop())
        elif isinstance(edit.change, Redo):
            standing.append(undone.pop())
        else:
            standing.append(edit)
            undone.clear()
    return _summed(version, tuple(standing), tuple(undone))


def _summed(version: int, standing: tuple[Edit, ...], undone: tuple[Edit, ...]) -> Shape:
    layout = None
    stories: dict[ArticleId, dict[StoryWords, str]] = {}
    mail: dict[Words, str] = {}
    joined: dict[ArticleId, ArticleId] = {}
    split: set[ArticleId] = set()
    for layout_after, change in _one_by_one(standing):
        layout = layout_after or layout
        match change:
            case Write(story=story, what=what, value=value):
                stories.setdefault(story, {})[what] = value
            case WriteMail(what=what, value=value):
                mail[what] = value
            case Join(story=story, into=into, line=line):
                joined |= dict.fromkeys((story, *line), into)
                split -= {story, *line}
            case Split(story=story):
                joined.pop(story, None)
                split.add(story)
            case _:
                pass
    return Shape(
        version=version,
        layout=layout,
        stories=stories,
        mail=mail,
        joined=tuple(joined.items()),
        split=frozenset(split),
        standing=standing,
        undone=undone,
    )


def together(changes: Sequence[Change]) -> tuple[Change, ...]:
    """What one press asks for as one change, so that one undo takes it back; moves stand by themselves."""
    written = tuple(one for one in changes if isinstance(one, Write | WriteMail))
    if len(changes) < 2 or len(written) < len(changes):
        return tuple(changes)
    return (Together(changes=written),)


def parts_of(change: Change) -> tuple[Change, ...]:
    """The single changes that a change consists of."""
    return change.changes if isinstance(change, Together) else (change,)


def _one_by_one(standing: Iterable[Edit]) -> Iterator[tuple[Layout | None, Change]]:
    """Each single change, with the layout as it was after it."""
    for edit in standing:
        for part in parts_of(edit.change):
            yield edit.layout, part


# ---------------------------------------------------------------- the layout


def layout_of(content: IssueContent) -> Layout:
    """Where everything stands; what the stages left out is not the layout's."""
    return Layout(
        lead=content.lead.article_id if content.lead else None,
        sections=tuple(
            (section.name, tuple(story.article_id for story in section.stories))
            for section in content.sections
        ),
        briefs=tuple(story.article_id for story in content.briefs),
    )


def with_pending(layout: Layout, week: IssueContent) -> Layout:
    """The layout with what came later at its end: who moves something has seen it there."""
    late = pending(week, Shape(layout=layout))
    return replace(layout, briefs=(*layout.briefs, *(story.article_id for story in late)))


def told_with(week: IssueContent, story: ArticleId) -> tuple[ArticleId, ...]:
    """All articles of the story that this one is a part of, the lead first. Raises BadInput where it is in none."""
    for one in week.stories:
        line = (one.article_id, *(item.article_id for item in one.thread))
        if story in line:
            return line
    raise BadInput("story", "that story is not in this week")


def moved(
    layout: Layout, change: Move | Drop | Join | Split, *, line: Sequence[ArticleId]
) -> Layout:
    """The layout after a change. line: all articles of the story that it concerns, as told now, the lead first.

    Raises BadInput where the change speaks of a story that is not there.
    """
    gone = line if isinstance(change, Drop | Join) else (change.story,)
    without = _without(layout, gone, line)
    match change:
        case Drop(reason=reason):
            return replace(without, dropped=(*without.dropped, *((one, reason) for one in line)))
        case Join(into=into):
            if into not in without.placed:
                raise BadInput("into", "that story is not in the mail")
            return without
        case Split(story=story):
            return _split(_without(layout, [story], [story]), story, line[0])
        case Move():
            return _put(without, change)


def _put(layout: Layout, change: Move) -> Layout:
    if change.place is Place.LEAD:
        return _lead(layout, change.story)
    if change.place is Place.BRIEFS:
        return replace(layout, briefs=_inserted(layout.briefs, change))
    names = [name for name, _ in layout.sections]
    if change.to not in names:
        return replace(layout, sections=(*layout.sections, (change.to, (change.story,))))
    return replace(
        layout,
        sections=tuple(
            (name, _inserted(inside, change) if name == change.to else inside)
            for name, inside in layout.sections
        ),
    )


def _lead(layout: Layout, story: ArticleId) -> Layout:
    """The lead before it becomes the first of the first section, or of the briefs."""
    before, led = layout.lead, replace(layout, lead=story)
    if before is None:
        return led
    if not led.sections:
        return replace(led, briefs=(before, *led.briefs))
    (name, inside), *others = led.sections
    return replace(led, sections=((name, (before, *inside)), *others))


def _inserted(inside: tuple[ArticleId, ...], change: Move) -> tuple[ArticleId, ...]:
    if change.before is None:
        return (*inside, change.story)
    if change.before not in inside:
        raise BadInput("before", f"that story does not stand in {change.to}")
    at = inside.index(change.before)
    return (*inside[:at], change.story, *inside[at:])


def _split(layout: Layout, story: ArticleId, beside: ArticleId) -> Layout:
    """Right after the story that it was told with; where that one leads, before the first brief."""

    def after(inside: tuple[ArticleId, ...]) -> tuple[ArticleId, ...]:
        at = inside.index(beside) + 1
        return (*inside[:at], story, *inside[at:])

    for name, inside in layout.sections:
        if beside in inside:
            sections = tuple(
                (one, after(ids) if one == name else ids) for one, ids in layout.sections
            )
            return replace(layout, sections=sections)
    if beside in layout.briefs:
        return replace(layout, briefs=after(layout.briefs))
    return replace(layout, briefs=(story, *layout.briefs))


def _without(layout: Layout, gone: Sequence[ArticleId], line: Sequence[ArticleId]) -> Layout:
    """Without these stories, and with none of the line's articles dropped."""
    return Layout(
        lead=None if layout.lead in gone else layout.lead,
        sections=tuple(
            (name, tuple(one for one in inside if one not in gone))
            for name, inside in layout.sections
        ),
        briefs=tuple(one for one in layout.briefs if one not in gone),
        dropped=tuple((one, why) for one, why in layout.dropped if one not in line),
    )


# ---------------------------------------------------------------- the mail


def shaped(week: IssueContent, shape: Shape, schedule: Schedule) -> IssueContent:
    """The week as editors want it. week: as `compose.lay` made it, of regrouped storylines."""
    laid = _laid(week, shape.layout) if shape.layout else week
    written = _each(laid, lambda story: _written(story, shape.stories.get(story.article_id, {})))
    return compose.finish(written, schedule, shape.mail)


def pending(week: IssueContent, shape: Shape) -> tuple[Story, ...]:
    """The stories that came after the last move, in the order of their rank."""
    if shape.layout is None:
        return ()
    known = {*shape.layout.placed, *(story for story, _ in shape.layout.dropped)}
    return tuple(story for story in week.stories if story.article_id not in known)


def _laid(week: IssueContent, layout: Layout) -> IssueContent:
    stories = {story.article_id: story for story in week.stories}
    late = pending(week, Shape(layout=layout))
    lead = stories.get(layout.lead) if layout.lead is not None else None
    sections = tuple(
        Section(name, found)
        for name, inside in layout.sections
        if (found := tuple(replace(stories[one], section=name) for one in inside if one in stories))
    )
    briefs = (*(stories[one] for one in layout.briefs if one in stories), *late)
    dropped = [(stories[one], why) for one, why in layout.dropped if one in stories]
    laid = _led(replace(week, lead=lead, sections=sections, briefs=briefs))
    left_out = (*week.left_out, *(out for story, why in dropped for out in _omitted(story, why)))
    return _counted(replace(laid, left_out=left_out), week.coverage.total)


def _led(week: IssueContent) -> IssueContent:
    """A mail without a lead is led by its next story."""
    if week.lead or not week.stories:
        return week
    if not week.sections:
        return replace(week, lead=week.briefs[0], briefs=week.briefs[1:])
    first, *others = week.sections
    rest = (Section(first.name, first.stories[1:]),) if first.stories[1:] else ()
    return replace(week, lead=first.stories[0], sections=(*rest, *others))


def _omitted(story: Story, why: str) -> list[Omission]:
    """The story and all that would have been told with it."""
    told: tuple[Story | ThreadItem, ...] = (story, *story.thread)
    return [
        Omission(article_id=one.article_id, title=one.title, url=one.url, reason=why)
        for one in told
    ]


def _counted(week: IssueContent, total: int) -> IssueContent:
    coverage = Coverage(
        total=total,
        lead=1 if week.lead else 0,
        storyline_members=sum(len(story.thread) for story in week.stories),
        section_items=sum(len(section.stories) for section in week.sections),
        briefs=len(week.briefs),
        left_out=len(week.left_out),
    )
    return replace(week, coverage=coverage)


def _each(week: IssueContent, change: Callable[[Story], Story]) -> IssueContent:
    return replace(
        week,
        lead=change(week.lead) if week.lead else None,
        sections=tuple(
            Section(section.name, tuple(map(change, section.stories))) for section in week.sections
        ),
        briefs=tuple(map(change, week.briefs)),
    )


def _written(story: Story, words: Mapping[StoryWords, str]) -> Story:
    if title := words.get(StoryWords.TITLE):
        story = replace(story, title=title)
    if summary := words.get(StoryWords.SUMMARY):
        story = replace(story, summary=Summary(summary, (), compose.WRITTEN))
    if story.image and words.get(StoryWords.PICTURE) == "off":
        return replace(story, image=None)
    if story.image and (alt := words.get(StoryWords.ALT)):
        return replace(story, image=replace(story.image, alt=alt))
    return story


# ---------------------------------------------------------------- two editors at once


def clash(change: Change, since: Iterable[Edit]) -> Edit | None:
    """The newest of others' edits that touched the same; None where both can hold.

    Of several things that were written at once, the one that is the same.
    """
    mine = _touched(change)
    found = [edit for edit in since if mine & _touched(edit.change) or not mine]
    if not found:
        return None
    same = [one for one in parts_of(found[-1].change) if mine & _touched(one)]
    return replace(found[-1], change=same[0]) if same else found[-1]


def _touched(change: Change) -> frozenset[object]:
    """What a change speaks of; empty for undoing, which concerns all."""
    match change:
        case Move(story=story) | Drop(story=story) | Split(story=story):
            return frozenset({story})
        case Join(story=story, into=into):
            return frozenset({story, into})
        case Write(story=story, what=what):
            return frozenset({(story, what)})
        case WriteMail(what=what):
            return frozenset({what})
        case Together(changes=changes):
            return frozenset().union(*map(_touched, changes))
    return frozenset()
