"""What a draft is made of, and a mark by which the very same is known again: then nothing has to be made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter

from digest import program
from digest.collect import Known
from digest.earlier_weeks import EarlierWeeks
from digest.model import Article, Engagement, Issue, Past, Shape
from digest.schedules import Schedule

_ALL = attrgetter(*(one.name for one in fields(Article) if one.name != "engagement"))
_ALL_OF_ONE = attrgetter(*(one.name for one in fields(Engagement)))


@dataclass(frozen=True, slots=True)
class Ingredients:
    """The window's articles, what earlier weeks left and taught, what is known beside both."""

    articles: tuple[Article, ...] = ()
    past: Past = field(default_factory=Past)
    earlier: EarlierWeeks = field(default_factory=EarlierWeeks)
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
    for several in (given.articles, given.known.before):
        yield from map(_told, several)
        yield ""
    yield repr(sorted(given.earlier.effects.items()))
    yield repr(given.earlier.seen)
    yield from map(repr, given.past.told)
    yield repr(sorted(given.past.texts.items()))
    yield repr(sorted(map(sorted, given.known.apart)))
    yield repr(sorted(shape.split))
    yield repr((shape.version, shape.layout, shape.stories, shape.mail, shape.joined))


def _told(article: Article) -> str:
    """All of an article; a data class tells its own fields five times more slowly."""
    return repr((_ALL(article), [_ALL_OF_ONE(one) for one in article.engagement]))
