"""What a finding is about, in words and as a place on the issue's page: a press leads there. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from digest.model import ArticleId, IssueContent, Story
from digest.preflight import Finding, Item


@dataclass(frozen=True, slots=True)
class Pointer:
    """A finding on the page. name: of its item; href: where that stands; both empty where there is none."""

    level: Literal["error", "warning"]
    message: str
    name: str = ""
    href: str = ""


#: Each item with its name and its place: where it may be written, and where it is only shown.
_PLACES: dict[Item, tuple[str, str, str]] = {
    Item.SUBJECT: ("The subject", "#subject", "#mail-head"),
    Item.PREHEADER: ("The preheader", "#preheader", "#mail-head"),
    Item.COVERAGE: ("The count of stories", "#coverage-title", "#coverage-title"),
    Item.PAGE: ("The mail", "#mail-title", "#mail-title"),
    Item.TEXT: ("The text part", "#part-text", "#part-text"),
    Item.HEADER: ("The header", "#part-source", "#part-source"),
}


def pointers(found: Iterable[Finding], content: IssueContent, *, editable: bool) -> list[Pointer]:
    """Each finding with where it leads. editable: the fields of the mail's own words are on the page."""
    stories = {one: story for story in content.stories for one in _line(story)}
    return [_pointer(finding, stories, editable) for finding in found]


def obstacles(
    against: Iterable[str], found: Iterable[Finding], content: IssueContent, *, editable: bool
) -> list[Pointer]:
    """Why an issue cannot be approved, each reason with where it leads if it is a finding."""
    known = {one.message: one for one in pointers(found, content, editable=editable)}
    return [known.get(message, Pointer("error", message)) for message in against]


def _line(story: Story) -> list[ArticleId]:
    return [story.article_id, *(item.article_id for item in story.thread)]


def _pointer(finding: Finding, stories: dict[ArticleId, Story], editable: bool) -> Pointer:
    level, message = finding.level, finding.message
    if finding.item is not Item.STORY:
        name, written, shown = _PLACES[finding.item]
        return Pointer(level, message, name, written if editable else shown)
    story = stories.get(finding.article_id or ArticleId(0))
    if story is None:
        return Pointer(level, message, "The outline", "#outline")
    return Pointer(level, message, story.title or "A story", f"#story-{story.article_id}")
