"""What a draft is made of, and a mark by which the very same is known again: then nothing has to be made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from digest import program
from digest.collect import Known
from digest.model import Article, Issue, Past, Shape
from digest.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Ingredients:
    """The window's articles, what earlier weeks left, what is known beside both."""

    articles: tuple[Article, ...] = ()
    past: Past = field(default_factory=Past)
    known: Known = field(default_factory=Known)


def mark_of(
    given: Ingredients, issue: Issue, shape: Shape, schedule: Schedule, *, public_url: str
) -> str | None:
    """A hash of all that a draft depends on, the program that makes it among them.

    None where something outside is asked as well: a model, a plug-in, templates in a folder.
    """
    if schedule.summarise.summariser != "extractive" or schedule.render.templates:
        return None
    # segments are trees of our own: as JSON a tag and a section of one name are the same
    said = schedule.model_dump_json(exclude={"segments"}), schedule.segments
    told = (issue.number, issue.moments, public_url, program.mark(), said)
    hashed = hashlib.sha256(repr(told).encode())
    for part in _spelled(given, shape):
        hashed.update(part.encode("utf-8", "surrogatepass"))
        hashed.update(b"\0")
    return hashed.hexdigest()


def _spelled(given: Ingredients, shape: Shape) -> Iterator[str]:
    """Sets in order: two that are alike may be told in another one."""
    for several in (given.articles, given.past.articles, given.past.told, given.known.before):
        yield from map(repr, several)
        yield ""
    yield from map(repr, sorted(given.past.texts.items()))
    yield ""
    yield repr(sorted(map(sorted, given.known.apart)))
    yield repr(sorted(shape.split))
    yield repr((shape.version, shape.layout, shape.stories, shape.mail, shape.joined))
