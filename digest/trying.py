"""Every mail of a newsletter made once with sample values, so that a faulty template is known before Sunday."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from digest import own_templates, render
from digest.errors import Fault, RenderError
from digest.model import (
    ArticleId,
    Coverage,
    Image,
    IssueContent,
    Omission,
    Rendered,
    Section,
    Story,
    Summary,
    ThreadItem,
    Window,
)
from digest.schedules import Schedule

_URL = "https://news.example/story"
_PERIOD = "2026-11-29"
_END = dt.datetime(2026, 11, 28, 18, tzinfo=dt.UTC)
#: What is no sentence and no link in a notice, as it may well be.
_VALUES = {
    "period": _PERIOD,
    "deadline": "07:30",
    "began": "08:00",
    "ended": "09:30",
    "audience": "1200",
    "accepted": "1180",
    "failed": "11",
    "skipped": "7",
    "uncertain": "2",
    "cancelled_by": "",
}
_WINDOW = Window(_END - dt.timedelta(days=7), _END)


def faults(schedule: Schedule, public_url: str) -> tuple[Fault, ...]:
    """What is wrong with a newsletter's own templates, the first fault of each mail, each told once."""
    folder = schedule.render.templates
    if folder is None:
        return ()
    found = (_fault(make) for make in _mails(schedule, public_url))
    told = {(error.template, error.line, error.reason) for error in found if error}
    return tuple(_told(folder, *one) for one in sorted(told, key=str))


def _told(folder: Path, template: str, line: int | None, reason: str) -> Fault:
    return Fault(str(folder if template == str(folder) else folder / template), line, "", reason)


def strangers(schedule: Schedule) -> tuple[str, ...]:
    """Files in the folder that belong to no mail, a warning each: a slip in a name, perhaps."""
    own = own_templates.read(schedule.render.templates) or {}
    known = {"digest", *render.NOTICES}
    odd = [name for name in own if name[0] != "_" and name.split("/")[0] not in known]
    return tuple(f"render.templates: {name} belongs to no mail" for name in odd)


def _fault(make: Callable[[], Rendered]) -> RenderError | None:
    try:
        make()
    except RenderError as error:
        return error
    return None


def _mails(schedule: Schedule, public_url: str) -> Iterator[Callable[[], Rendered]]:
    given: dict[str, Any] = {"schedule": schedule, "public_url": public_url}
    for content in (_week(schedule.key), _short_week(schedule.key)):
        yield functools.partial(render.render, content, **given)
    for kind, needed in render.NOTICES.items():
        values = {name: _value(name) for name in needed}
        yield functools.partial(render.render_notice, kind, values, **given)


def _value(name: str) -> str:
    """A value for a notice, by the name under which its template knows it."""
    if name in _VALUES:
        return _VALUES[name]
    return f"{_URL}/{name}" if name.endswith("_url") else f"a sample of {name.replace('_', ' ')}"


def _week(newsletter: str) -> IssueContent:
    """A week that has one of everything."""
    lead, *others = (_story(number) for number in range(1, 5))
    return IssueContent(
        newsletter=newsletter,
        period=_PERIOD,
        number=12,
        window=_WINDOW,
        subject="A sample of a week",
        preheader="What stands beside the subject",
        intro="This week in 4 stories",
        outro="Until next Sunday.",
        lead=lead,
        sections=(Section("Town", tuple(others[:2])),),
        briefs=tuple(others[2:]),
        left_out=(
            Omission(article_id=ArticleId(90), title="A notice", url=None, reason="too short"),
        ),
        coverage=Coverage(9, 1, 4, 2, 1, 1),
        read_seconds=240,
    )


def _short_week(newsletter: str) -> IssueContent:
    """A week that has as little as there can be."""
    return IssueContent(
        newsletter=newsletter,
        period=_PERIOD,
        number=1,
        window=_WINDOW,
        subject="Alone",
        preheader="",
        lead=Story(
            article_id=ArticleId(1),
            title="Alone",
            url=None,
            summary=Summary(""),
            section="",
            published_at=_END,
            read_seconds=60,
        ),
        coverage=Coverage(1, 1, 0, 0, 0, 0),
    )


def _story(number: int) -> Story:
    earlier = ThreadItem(
        article_id=ArticleId(number + 50),
        title="What came before",
        url=f"{_URL}/before",
        published_at=_END - dt.timedelta(days=number + 1),
    )
    return Story(
        article_id=ArticleId(number),
        title=f"Sample story {number} & what became of it",
        url=f"{_URL}/{number}",
        summary=Summary("A first paragraph.\n\nA second one with <angles>."),
        section="Town",
        published_at=_END - dt.timedelta(days=number),
        language="en",
        authors=("Ada Example",),
        image=Image(f"{_URL}/{number}.jpg", "A picture", 1200, 800),
        read_seconds=60,
        thread=(earlier,),
        marks=("Most discussed",),
    )
