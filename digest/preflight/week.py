"""Whether the issue holds the whole week, and whether its stories have what they need."""

from __future__ import annotations

from collections.abc import Iterator

from digest.mail import cleaning
from digest.model import Image, IssueContent, Story
from digest.preflight.findings import Finding, Item, error, warning

#: Bytes of a picture from which it is slow on a telephone.
HEAVY_BYTES = 1_000_000
#: Where they are not known, its pixels: a JPEG of so many has about a megabyte.
HEAVY_PICTURE = 4_000_000

_AGAIN = "Build the draft again (`digest build`); if it stays, report it: no story may get lost."


def coverage(content: IssueContent) -> Iterator[Finding]:
    """The promise that no article is missing."""
    counted = content.coverage
    if not content.stories:
        yield error(
            "There is no story in this issue.",
            "Collect some (`digest collect`), or skip the week.",
            item=Item.COVERAGE,
        )
    if not counted.adds_up:
        yield error(
            f"The coverage does not add up: {counted.total} articles in the week, and"
            f" {_told(content) + counted.left_out} accounted for.",
            _AGAIN,
            item=Item.COVERAGE,
        )
    elif counted.total != _printed(content) + len(content.left_out):
        yield error(
            f"The coverage counts {counted.total} articles, but the issue holds"
            f" {_printed(content)} and leaves out {len(content.left_out)}.",
            _AGAIN,
            item=Item.COVERAGE,
        )


def _told(content: IssueContent) -> int:
    counted = content.coverage
    return counted.lead + counted.storyline_members + counted.section_items + counted.briefs


def _printed(content: IssueContent) -> int:
    return sum(1 + len(story.thread) for story in content.stories)


def stories(content: IssueContent) -> Iterator[Finding]:
    """What a story lacks; each finding has its number."""
    briefs = {story.article_id for story in content.briefs}
    for story in content.stories:
        yield from _story(story, in_full=story.article_id not in briefs)
        yield from _picture(story)
    lead = content.lead
    if lead and lead.image and not cleaning.secure(lead.image.url):
        yield warning(
            "The lead's picture has no https address; it is left out.",
            "Give the picture one at its source, and build again.",
            lead.article_id,
        )


def _story(story: Story, *, in_full: bool) -> Iterator[Finding]:
    name, number = f"“{cleaning.line(story.title, 60)}”", story.article_id
    if not story.title.strip():
        yield error("A story has no title.", "Give it one at its source, and build again.", number)
    if story.url and not cleaning.web(story.url):
        yield warning(
            f"{name} has an address that readers cannot open; no link is set.",
            "Correct the address at its source, and build again.",
            number,
        )
    if in_full and not story.summary.text.strip():
        yield warning(
            f"{name} has no summary.", "See whether its text came in with it at its source.", number
        )


def _picture(story: Story) -> Iterator[Finding]:
    """A picture far larger than a mail prints it, by its bytes; by its pixels where nobody told those."""
    image = story.image or Image("")
    width, height = image.width or 0, image.height or 0
    if image.weight is not None:
        heavy, told = image.weight > HEAVY_BYTES, f"{image.weight / 1_000_000:.1f} MB"
    else:
        heavy, told = width * height > HEAVY_PICTURE, f"{width:,} × {height:,} pixels"
    if heavy:
        yield warning(
            f"The picture of “{cleaning.line(story.title, 60)}” has {told} and is slow on a telephone.",
            "Give it a smaller one at its source: 1,400 across are enough.",
            story.article_id,
        )
