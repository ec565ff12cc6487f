"""Making a draft: one issue's articles from the store, through the pipeline, back into the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from digest import collect, pipeline
from digest.model import Article, Issue, IssueStatus
from digest.protocols import Progress, Summariser, silent
from digest.schedules import Schedule
from digest.store import apart, articles, issues
from digest.store.engine import Database

#: Issues whose stories are known again when they are published anew.
REMEMBERED = 6


class DraftingHouse(Protocol):
    """What drafting needs of a house."""

    @property
    def database(self) -> Database: ...

    @property
    def schedules(self) -> Mapping[str, Schedule]: ...

    @property
    def public_url(self) -> str: ...

    def summariser(self, newsletter: str) -> Summariser:
        """The summariser that the newsletter's schedule names."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of it. thin: why there are too few stories to send; nothing is stored then."""

    thin: str = ""


def draft(
    house: DraftingHouse, issue: Issue, *, now: dt.datetime, progress: Progress = silent
) -> Drafted:
    """Build one issue from what the store holds now. Harmless to repeat. Raises RenderError, Conflict.

    Before the week is over a draft is stored however thin it is, if there is a story at all.
    """
    schedule = house.schedules[issue.newsletter]
    found = _articles(house, issue, schedule)
    if not found:
        return Drafted(thin="no story came this week")
    built = pipeline.build(
        found,
        issue.moments,
        schedule=schedule,
        summariser=house.summariser(issue.newsletter),
        number=issue.number,
        public_url=house.public_url,
        known=_known(house, issue, found),
        progress=progress,
    )
    over = now >= issue.moments.draft_at
    if built.thin and over and schedule.compose.thin_week == "skip":
        stories, least = len(built.content.stories), schedule.compose.minimum_stories
        return Drafted(
            thin=f"a thin week: {stories} {'story' if stories == 1 else 'stories'}, fewer than {least}"
        )
    with house.database.write() as session:
        issues.save_draft(session, issue.id, built.content, built.rendered, now=now)
    progress("draft", 1, 1)
    return Drafted()


def _articles(house: DraftingHouse, issue: Issue, schedule: Schedule) -> list[Article]:
    """The window's articles, and those of the week before that came in too late for it."""
    with house.database.read() as session:
        before = issues.last_told(session, issue.newsletter, before_period=issue.period)
        return articles.in_window(
            session,
            schedule.source_keys,
            issue.moments.window,
            late_since=before.moments.window.start if before else None,
            told=before.content.article_ids if before and before.content else (),
        )


def _known(house: DraftingHouse, issue: Issue, found: Sequence[Article]) -> collect.Known:
    """What the last issues told, and which of these articles an editor took apart."""
    with house.database.read() as session:
        last = issues.recent(session, issue.newsletter, limit=REMEMBERED)
        told = {
            number
            for one in last
            if one.content and one.period < issue.period and one.status is not IssueStatus.SKIPPED
            for number in one.content.told_ids
        }
        ours = {article.id for article in found}
        before = articles.by_ids(session, told - ours)
        return collect.Known(tuple(before), apart.pairs(session, ours))
