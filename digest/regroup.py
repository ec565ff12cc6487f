"""The storylines as editors want them: joined, split, and each story that they placed or wrote the lead of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from digest.model import Article, ArticleId, Shape, Storyline

#: Why the articles of one storyline are together.
JOINED = "an editor put them together"


def regrouped(lines: Sequence[Storyline], shape: Shape) -> tuple[Storyline, ...]:
    """Every article in exactly one storyline, as before."""
    wanted = _wanted(shape)
    if not (shape.joined or shape.split or wanted or shape.layout):
        return tuple(lines)
    groups = [list(line.members) for line in lines]
    reasons = [line.reason for line in lines]
    leads = {line.lead.id for line in lines}
    dropped = {one for one, _ in shape.layout.dropped} if shape.layout else set()
    for together in (dropped, *({one} for one in _alone(groups, shape, wanted))):
        _take_out(groups, reasons, together)
    for story, into in shape.joined:
        _put_together(groups, reasons, story, into)
    return tuple(
        _line(members, why, wanted, leads)
        for members, why in zip(groups, reasons, strict=True)
        if members
    )


def _wanted(shape: Shape) -> dict[ArticleId, int]:
    """The stories that lead: those that an editor placed, in their order, and those that one wrote."""
    placed = shape.layout.placed if shape.layout else ()
    written = [story for story, words in shape.stories.items() if any(words.values())]
    joined = {story for story, _ in shape.joined}
    leading = dict.fromkeys((*placed, *(story for story in written if story not in joined)))
    return {story: place for place, story in enumerate(leading)}


def _alone(
    groups: Sequence[Sequence[Article]], shape: Shape, wanted: Mapping[ArticleId, int]
) -> list[ArticleId]:
    """Those that must stand alone: split by an editor, or wanted beside another one of their group."""
    found = [one.id for members in groups for one in members if one.id in shape.split]
    for members in groups:
        beside = [one.id for one in members if one.id in wanted and one.id not in shape.split]
        found += beside[1:]
    return found


def _take_out(groups: list[list[Article]], reasons: list[str], these: Set[ArticleId]) -> None:
    """Each group's share of these becomes a group of its own."""
    for number, members in enumerate(tuple(groups)):
        taken = [one for one in members if one.id in these]
        if taken and len(taken) < len(members):
            groups[number] = [one for one in members if one.id not in these]
            groups.append(taken)
            reasons.append(reasons[number] if len(taken) > 1 else "")


def _put_together(
    groups: list[list[Article]], reasons: list[str], story: ArticleId, into: ArticleId
) -> None:
    """All that is told with `story` goes to where `into` is; nothing where one of them is not there."""
    found = _group_of(groups, story), _group_of(groups, into)
    source, target = found
    if source is None or target is None or source == target:
        return
    groups[target] = sorted(groups[target] + groups[source], key=lambda one: (one.when, one.id))
    groups[source] = []
    reasons[target] = JOINED


def _group_of(groups: Sequence[Sequence[Article]], story: ArticleId) -> int | None:
    for number, members in enumerate(groups):
        if any(one.id == story for one in members):
            return number
    return None


def _line(
    members: list[Article], why: str, wanted: Mapping[ArticleId, int], leads: set[ArticleId]
) -> Storyline:
    """A wanted article leads; else the one that the stages chose, of two that were joined the newer."""
    chosen = [one for one in members if one.id in wanted]
    led = [one for one in members if one.id in leads]
    lead = min(chosen, key=lambda one: wanted[one.id]) if chosen else (led or members)[-1]
    return Storyline(lead, tuple(members), why)
