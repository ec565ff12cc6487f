"""Every mail that we send, with the MJML that it is made of: what the engine's tests and measurements work on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from digest import render, variants
from digest.looks import THEMES
from digest.mail import mjml
from digest.model import IssueContent, Rendered
from digest.schedules import Schedule
from tests import sample_issue

URL = sample_issue.PUBLIC_URL

#: What each notice needs to know.
NOTICES = {
    "period": "2026-11-29",
    "reason": "the deadline passed and nobody approved",
    "deadline": "Sunday 07:30, in 1 h 30 min",
    "rule": "After that it goes out as it is, Sunday 08:00.",
    "editor_name": "Erin",
    "inviter": "Frank",
    "role": "editor",
}


def all_of_them() -> Iterator[tuple[str, str, str]]:
    """The name, the MJML and the HTML of each mail."""
    english, arabic = sample_issue.schedule(), sample_issue.schedule(**sample_issue.ARABIC)
    weeks = {
        "a week": (sample_issue.content(), english),
        "a week in Arabic": (sample_issue.arabic_content(), arabic),
        "60 stories": (sample_issue.big(60), english),
        "a week of nothing": (sample_issue.content(lead=None, sections=(), briefs=()), english),
    }
    for name, (content, schedule) in weeks.items():
        yield name, *_made(render.render, content, schedule)
    for theme in sorted(THEMES):
        looks = english.render.model_copy(update={"theme": theme})
        themed = english.model_copy(update={"render": looks})
        yield f"a week, {theme}", *_made(render.render, sample_issue.content(), themed)
        week, spoken = variants.told(sample_issue.content(), themed, f"de.{theme}")
        in_parts = functools.partial(render.render, way=render.Way(cuts=True, home="en"))
        yield f"in parts, {theme}", *_made(in_parts, week, spoken)
    for kind in render.NOTICES:
        yield kind, *_made(render.render_notice, kind, _values(kind), english)


def source_of(content: IssueContent, schedule: Schedule) -> str:
    """The MJML of one week."""
    return _made(render.render, content, schedule)[0]


def _values(kind: str) -> dict[str, object]:
    return {name: NOTICES.get(name, f"{URL}/{name}/abc") for name in render.NOTICES[kind]}


def _made(make: Callable[..., Rendered], *given: Any) -> tuple[str, str]:
    """What the engine was given last, and the page."""
    with mock.patch.object(mjml, "to_html", wraps=mjml.to_html) as seen:
        made = make(*given, public_url=URL)
    return seen.call_args.args[0], made.html
