"""A week's issue for tests: its calendar, its moments, its content, its rendered parts."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from digest.model import (
    ArticleId,
    Coverage,
    Image,
    IssueContent,
    Moments,
    Omission,
    Reason,
    Rendered,
    Section,
    Sentence,
    Story,
    Summary,
    ThreadItem,
)
from digest.moments import Calendar, WeekTime
from tests.articles import WEDNESDAY
from tests.people import NEWSLETTER

CALENDAR = Calendar(
    ZoneInfo("Europe/London"),
    cut_off=WeekTime.parse("saturday 18:00"),
    remind=WeekTime.parse("sunday 06:00"),
    deadline=WeekTime.parse("sunday 07:30"),
    send=WeekTime.parse("sunday 08:00"),
)
SUNDAY = dt.date(2026, 11, 29)
PERIOD = "2026-11-29"


def moments(weeks: int = 0) -> Moments:
    return CALENDAR.moments(SUNDAY + dt.timedelta(days=7 * weeks))


def story(title: str = "The ferry runs hourly", article_id: int = 7) -> Story:
    return Story(
        article_id=ArticleId(article_id),
        title=title,
        url="https://gazette.example/ferry",
        summary=Summary("It runs. Hourly.", (Sentence("It runs.", 0, 8),), "extractive"),
        section="Harbour",
        published_at=WEDNESDAY,
        language="en",
        authors=("Ann Ferris", "آن"),
        image=Image("https://gazette.example/f.jpg", "The ferry", 1200, 800),
        read_seconds=60,
        thread=(
            ThreadItem(
                article_id=ArticleId(3),
                title="Before",
                url=None,
                published_at=WEDNESDAY - dt.timedelta(hours=1),
            ),
        ),
        marks=("new",),
        score=1.25,
        reasons=(Reason("comments", 1.25, "12 comments"),),
    )


def content(subject: str = "The ferry runs hourly") -> IssueContent:
    return IssueContent(
        newsletter=NEWSLETTER,
        period=PERIOD,
        number=1,
        window=moments().window,
        subject=subject,
        preheader="أخبار الأسبوع 🛳️",
        lead=story(),
        sections=(Section("Harbour", (story("Two"), story("Three"))),),
        briefs=(story("Four"),),
        left_out=(
            Omission(article_id=ArticleId(9), title="A note", url=None, reason="under 40 words"),
        ),
        coverage=Coverage(6, 1, 1, 2, 1, 1),
        read_seconds=300,
    )


def rendered(letter: str = "a") -> Rendered:
    return Rendered(
        subject="The ferry runs hourly",
        preheader="أخبار 🛳️",
        html=f"<p>{letter}</p>",
        text=f"{letter}\n",
        checksum=letter * 64,
    )
