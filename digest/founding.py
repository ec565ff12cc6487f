"""A new house from six answers: its schedule and its settings as text, and a first look at its week.

The texts are the shipped ones with their comments, and the answers put in; what comes of it is read
back like any file that a person wrote.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from digest import pipeline, render
from digest.bootstrap import House
from digest.errors import NotFound
from digest.model import Rendered, Window
from digest.protocols import Progress, silent
from digest.setting_files import PREFIX
from digest.store import articles

WEEK = dt.timedelta(days=7)
#: In what is filled in for nobody.
_NOWHERE = "https://example.invalid/leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a schedule begins with. sources: its `[[sources]]` tables, as text."""

    name: str
    site_name: str
    site_url: str
    sender: str
    timezone: str
    sources: tuple[str, ...]


def schedule_text(sample: str, answers: Answers) -> str:
    """The shipped schedule file with a newsletter's own names and sources."""
    said = {
        "name": answers.name,
        "timezone": answers.timezone,
        "site_name": answers.site_name,
        "site_url": answers.site_url,
        "from_name": answers.site_name,
        "from_address": answers.sender,
        "postal_address": answers.site_name,
    }
    text = with_values(sample, said)
    before, rest = text.split("[[sources]]", 1)
    after = rest[rest.index("\n[collect]") :]
    return before + "\n".join((*answers.sources, _BY_HAND)) + after


#: For stories that are taken up at the desk or sent by a program.
_BY_HAND = '[[sources]]\nkey = "desk"\nkind = "api"\n'


def with_values(text: str, said: Mapping[str, str]) -> str:
    """A TOML file with other texts for keys that it has; comments beside them stay where they were."""
    for key, value in said.items():
        found = re.search(rf'^{key} = "(?:[^"\\]|\\.)*" *', text, re.MULTILINE)
        if found is None:
            continue
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        if found[0].endswith(" "):
            line = f"{line} ".ljust(len(found[0]))
        text = text[: found.start()] + line + text[found.end() :]
    return text


def settings_text(example: str, values: Mapping[str, str]) -> str:
    """`.env.example` with values for some of its settings, by their names in small letters."""
    for name, value in values.items():
        key = PREFIX + name.upper()
        plain = re.fullmatch(r"[^\s#'\"]*", value)
        line = f"{key}={value}" if plain else f'{key}="{value}"'
        before, found, after = example.partition(f"\n{key}=")
        example = f"{before}\n{line}\n{after.partition(chr(10))[2]}" if found else example
    return example


def first_look(
    house: House, newsletter: str, *, now: dt.datetime, progress: Progress = silent
) -> Rendered:
    """The mail that the last seven days would make; nothing is stored.

    Raises NotFound where no story came in them, RenderError where no mail can be made.
    """
    schedule, window = house.schedule(newsletter), Window(now - WEEK, now)
    with house.database.read() as session:
        found = articles.in_window(session, schedule.source_keys, window)
    if not found:
        raise NotFound("no story of the last seven days was found")
    calendar = schedule.calendar
    coming = calendar.moments(calendar.period_at(now) + WEEK)
    draft = pipeline.build(
        found,
        dataclasses.replace(coming, window=window),
        schedule=schedule,
        summariser=house.summariser(newsletter),
        number=1,
        public_url=house.public_url,
        progress=progress,
    )
    return render.fill(draft.rendered, {"leave_url": _NOWHERE})


def tags(house: House, newsletter: str, *, now: dt.datetime) -> list[str | None]:
    """The languages of the last seven days' stories."""
    keys, window = house.schedule(newsletter).source_keys, Window(now - WEEK, now)
    with house.database.read() as session:
        return [one.language for one in articles.in_window(session, keys, window)]


def language_of(tags: Iterable[str | None], spoken: Iterable[str]) -> str:
    """The language of most stories, where the mail and the pages speak it; else English."""
    counts: dict[str, int] = {}
    for tag in tags:
        if tag:
            counts[tag.split("-")[0]] = counts.get(tag.split("-")[0], 0) + 1
    most = max(counts, key=counts.__getitem__, default="en")
    return most if most in set(spoken) else "en"
