"""What a schedule says, in plain words, table by table, for people who never saw the file. Pure.

A table or key that has no words of its own here is told all the same: by its name and its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from pydantic import BaseModel

from digest import segments
from digest.masking import masked
from digest.moments import WEEKDAYS, WeekTime
from digest.schedules import Schedule, SourceTable

#: Parts of a key's name that say: what stands there is for nobody's eyes.
_SECRET = ("api_key", "secret", "token", "password")
_UNSEEN = "is set, and not shown"
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """One key of the file. given: the file says it; else it is the default."""

    key: str
    label: str
    words: str
    given: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One table of the file. what: what it is about."""

    table: str
    what: str
    lines: tuple[Line, ...]


Say = Callable[[Any], str]


def week_time(time: WeekTime) -> str:
    """`Sunday at 08:00`."""
    return f"{WEEKDAYS[time.weekday].capitalize()} at {time.time:%H:%M}"


def span(seconds: int) -> str:
    """`an hour`, `30 minutes`, `2 days`: as it was written, in the largest unit that fits."""
    for unit, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % unit == 0 and seconds >= unit:
            number = seconds // unit
            one = "an hour" if word == "hour" else f"a {word}"
            return one if number == 1 else f"{number} {word}s"
    return f"{seconds} seconds"


def every(seconds: int) -> str:
    """`hour`, `30 minutes`: what follows `every`."""
    return span(seconds).removeprefix("an ").removeprefix("a ")


def gist(schedule: Schedule) -> str:
    """The newsletter's week in two sentences."""
    table, nobody = schedule.approve, schedule.approve.if_nobody
    then = "goes out as it is" if nobody == "send" else "is held until somebody does"
    by = "at each reader's own hour" if schedule.deliver.deliver_at == "reader" else ""
    place = schedule.newsletter.timezone
    return (
        f"It goes out on {week_time(schedule.deliver.at)}{f', {by}' if by else ''} ({place})."
        f" The week ends on {week_time(schedule.collect.cut_off)}; editors are reminded on"
        f" {week_time(table.remind)}, and where nobody has decided by {week_time(table.deadline)} it {then}."
    )


def told(schedule: Schedule) -> tuple[Group, ...]:
    """Everything that a schedule says, in the order of its tables."""
    return tuple(_groups(schedule))


def changed(now: Schedule, before: Schedule) -> dict[str, str]:
    """What the file said before, by key, where it says something else now."""
    old = {line.key: line.words for group in told(before) for line in group.lines}
    new = {line.key: line.words for group in told(now) for line in group.lines}
    return {key: old.get(key, _NONE) for key in (*new, *old) if old.get(key) != new.get(key)}


def _groups(schedule: Schedule) -> Iterator[Group]:
    for name in type(schedule).model_fields:
        value = getattr(schedule, name)
        if name == "sources":
            yield Group(name, "Where stories come from.", tuple(map(_source, value)))
        elif name == "segments":
            yield Group(name, "Readers in groups.", tuple(_segments(schedule)))
        elif isinstance(value, BaseModel):
            yield Group(name, _what(value), tuple(_lines(schedule, name, value)))


def _what(table: BaseModel) -> str:
    """The first sentence of the table's own description."""
    line = (type(table).__doc__ or "").strip().partition("\n")[0]
    return f"{line.partition('. ')[0].removesuffix('.')}."


def _lines(schedule: Schedule, name: str, table: BaseModel) -> Iterator[Line]:
    given = table.model_fields_set if name in schedule.model_fields_set else frozenset()
    for key in type(table).model_fields:
        label, say = _KNOWN.get(f"{name}.{key}", (_label(key), _plain))
        value = getattr(table, key)
        hidden = any(part in key for part in _SECRET) and value
        words = _UNSEEN if hidden else masked(say(value))
        yield Line(f"{name}.{key}", label, words, key in given)


def _label(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _source(source: SourceTable) -> Line:
    """One line a source: what it is, where, how often."""
    if source.kind == "api":
        told = "waits for what comes by the API or is taken up at the desk"
    else:
        place = masked(str(source.url)) if source.url else str(source.path)
        where = f" at {place}" if source.url or source.path else ""
        told = f"{kind(source)}{where}, asked every {every(source.every)}"
    more = []
    if source.kind == "feed" and source.url and not source.full_text:
        more.append("pages are not fetched where it gives an excerpt")
    if source.within != "/":
        more.append(f"only pages below {source.within}")
    if source.base_url:
        more.append(f"of the site {masked(source.base_url)}")
    if source.options:
        more.append(f"its options {_option_names(source.options)}")
    if source.api_key:
        more.append(f"its API key {_UNSEEN}")
    return Line(f"sources[{source.key}]", source.key, "; ".join((told, *more)), given=True)


def kind(source: SourceTable) -> str:
    """A source's kind as it is said."""
    return f"the plug-in {source.kind}" if source.is_foreign else _KINDS[source.kind]


def _option_names(options: Mapping[str, Any]) -> str:
    """Their names alone: what is secret among them only the plug-in knows."""
    return f"{', '.join(options)}, set and not shown" if options else _NONE


_KINDS = {
    "feed": "a feed",
    "wordpress": "a WordPress site",
    "ghost": "a Ghost site",
    "sitemap": "a sitemap",
    "pages": "a folder of saved pages",
    "markdown": "a folder of Markdown",
    "export": "an export of another system",
    "api": "the API",
}


def _segments(schedule: Schedule) -> Iterator[Line]:
    for name, segment in schedule.segments.items():
        yield Line(f"segments.{name}", name, f"who {segments.spoken(segment)}", given=True)


# ---------------------------------------------------------------- values


def _plain(value: object) -> str:
    """Any value as one would say it."""
    if value is None or value in ("", (), {}):
        return _NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_plain(one)}" for key, one in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(_plain, value))
    return _single(value)


def _single(value: object) -> str:
    if isinstance(value, WeekTime):
        return week_time(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _language(tag: str) -> str:
    return f"{Locale.parse(tag, sep='-').get_display_name('en')} ({tag})"


def _languages(tags: tuple[str, ...]) -> str:
    return ", ".join(map(_language, tags)) or _NONE


def _of(words: str) -> Say:
    return lambda value: words.format(_plain(value))


def _either(**words: str) -> Say:
    return lambda value: words.get(str(value).lower(), _plain(value))


def _days(value: int) -> str:
    return f"{value} days" if value else "for good"


def _or(empty: str, say: Say = _plain) -> Say:
    """Other words where nothing stands there."""
    return lambda value: say(value) if value not in (None, "", (), {}) else empty


#: Of the week's stories: a weight, and what it says.
_WEIGHTS = {
    "reactions": "Faces and likes",
    "comments": "Comments",
    "rating": "Stars",
    "views": "Views",
    "mixture": "An unusual mixture of faces",
    "coverage": "Stories that the event took",
    "length": "Length",
    "originality": "Taken off for text told elsewhere",
    "recency": "How late in the week it came",
}

#: A key → what it is called, and how its value is said.
_KNOWN: dict[str, tuple[str, Say]] = {
    "newsletter.language": ("Language", _language),
    "newsletter.timezone": ("Time zone", _plain),
    "newsletter.site_name": ("The site", _plain),
    "newsletter.site_url": ("Its front page", _plain),
    "newsletter.from_name": ("Sender's name", _plain),
    "newsletter.from_address": ("Sender's address", _plain),
    "newsletter.reply_to": ("Answers go to", _or("the sender's address")),
    "collect.cut_off": ("The week ends", _plain),
    "collect.min_words": ("Shortest story", _of("{} words; shorter ones are left out")),
    "collect.sections": ("Sections with another name", _plain),
    "collect.topics": ("Sections by words", _plain),
    "collect.exclude_sections": ("Sections left out", _plain),
    "summarise.summariser": (
        "Stories are told by",
        _either(
            extractive="sentences of the article itself", chat="a model, held against the article"
        ),
    ),
    "summarise.options": ("with options", _option_names),
    "summarise.sentences": ("A summary has at most", _of("{} sentences")),
    "summarise.words": ("and at most", _of("{} words")),
    "summarise.budget": ("The model is asked at most", _of("{} times an issue")),
    **{f"rank.{key}": (label, _of("counts {}")) for key, label in _WEIGHTS.items()},
    "rank.sections": ("Points by section", _plain),
    "rank.sources": ("Points by source", _plain),
    "compose.minimum_stories": ("A week is thin below", _of("{} stories")),
    "compose.thin_week": (
        "A thin week",
        _either(skip="is skipped, and editors are told", short="goes out short"),
    ),
    "compose.stories": ("Told in full", _of("at most {} stories; the rest are briefs")),
    "compose.per_section": ("of one section", _of("at most {}")),
    "compose.per_author": ("by one author", _of("at most {}, where the week has others")),
    "compose.section_order": ("Sections come in order", _or("of their best story")),
    "compose.subject": ("Subject", _plain),
    "render.logo_url": ("Logo", _plain),
    "render.logo_width": ("Logo's width", _of("{} pixels")),
    "render.text_size": ("Size of the text", _or("the theme's own", _of("{} pixels"))),
    "render.templates": ("Templates of its own", _plain),
    **{
        f"render.{key}": (_label(key), _or("the theme's own"))
        for name in ("accent", "ink", "muted", "rule", "sheet", "paper")
        for key in (name, f"{name}_dark")
    },
    "render.type_scale": ("Steps of the titles", _or("the theme's own")),
    "variants.languages": ("Readers may choose the language", _languages),
    "variants.themes": ("Readers may choose the theme", _plain),
    "variants.sections": ("Readers may leave sections out", _plain),
    "approve.remind": ("Editors are reminded", _plain),
    "approve.deadline": ("Deadline", _plain),
    "approve.if_nobody": (
        "Where nobody decides",
        _either(send="it goes out as it is", hold="it is held until somebody does"),
    ),
    "deliver.at": ("It goes out", _plain),
    "deliver.deliver_at": (
        "By whose clocks",
        _either(
            newsletter="the newsletter's, everybody at once",
            reader="each reader's own, never earlier",
        ),
    ),
    "deliver.catch_up": ("Later than this it asks first", span),
    "deliver.uncertain": (
        "Readers in doubt after a crash",
        _either(
            hold="wait for a person's word",
            resend="are sent it again",
            replay="are sent it again where the provider knows the copy",
        ),
    ),
    "readers.welcome": ("A mail of welcome", _plain),
    "readers.goodbye": ("A mail of goodbye", _plain),
    "preferences.big_story": (
        "A week is big from a lead of",
        _or("what the leads of earlier issues had", _of("{} points")),
    ),
    "keep.pending": ("Who never confirmed is kept", _days),
    "keep.left": ("Who left is kept", _days),
    "clicks.count": ("Clicks on stories are counted", _plain),
    "audience.segment": ("Issues go to", _or("every confirmed reader", _of("the segment {}"))),
}
