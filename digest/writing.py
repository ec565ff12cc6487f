"""Asking a model for the summaries of a growing issue, beside everything else.

A draft is made of what has come in; the next hourly draft has what came since. When the week is over
nothing is asked any more. Who does not answer costs a note at the desk and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from digest import logs
from digest.model import Article, Issue, IssueStatus
from digest.protocols import Request, SummaryLimits, Told, Writer
from digest.schedules import Schedule
from digest.store import articles, issues, model_summaries
from digest.store.engine import Database
from digest.summarisers.kept import key_of

log = logs.get(__name__)

#: A request may be followed by a second one, which says what was wrong with the answer.
REQUESTS_EACH = 2


class WritingHouse(Protocol):
    """What asking needs of a house."""

    @property
    def database(self) -> Database: ...

    @property
    def schedules(self) -> Mapping[str, Schedule]: ...

    @property
    def writer(self) -> Writer | None: ...


@dataclass(frozen=True, slots=True)
class _Todo:
    key: str
    issue: str
    article: Article
    limits: SummaryLimits


def write(house: WritingHouse, *, now: dt.datetime) -> int:
    """Ask for what is missing, as much as a minute and the issues' budgets allow; says how many came in.

    Harmless to repeat, and from several processes at once.
    """
    if house.writer is None:
        return 0
    most = max(1, house.writer.per_minute // REQUESTS_EACH)
    todo: list[_Todo] = []
    for schedule in house.schedules.values():
        if schedule.summarise.summariser == "chat" and len(todo) < most:
            todo += _claimed(house, schedule, house.writer.model, most - len(todo), now)
    if not todo:
        return 0
    asked = [
        Request(t.article.title, t.article.text, t.limits, t.article.language or "en") for t in todo
    ]
    answers = house.writer.write(asked)
    with house.database.write() as session:
        for one, told in zip(todo, answers, strict=True):
            model_summaries.keep(session, one.key, told, now=now)
    return _counted(answers)


def _counted(answers: list[Told]) -> int:
    states = [told.state for told in answers]
    counts = {state: states.count(state) for state in ("accepted", "refused", "later", "failed")}
    why = next((told.why for told in answers if told.state in ("later", "failed")), "")
    log.info("the model was asked", **counts, why=why)
    return counts["accepted"]


def _claimed(
    house: WritingHouse, schedule: Schedule, model: str, most: int, now: dt.datetime
) -> list[_Todo]:
    """The stories of the growing draft that nobody has told or asked for, as far as the budget goes."""
    limits = SummaryLimits(schedule.summarise.sentences, schedule.summarise.words)
    found: list[_Todo] = []
    with house.database.write() as session:
        for issue in issues.unfinished(session, schedule.key):
            if issue.content is None or not _grows(issue):
                continue
            name = f"{issue.newsletter} {issue.period}"
            spent = model_summaries.requests_of(session, name)
            left = min(most - len(found), (schedule.summarise.budget - spent) // REQUESTS_EACH)
            for story in issue.content.stories:
                if left <= 0:
                    break
                article = articles.get(session, story.article_id)
                key = key_of(model, article.title, article.text, limits)
                if article.text.strip() and model_summaries.claim(
                    session, key, article.id, name, now=now
                ):
                    found.append(_Todo(key, name, article, limits))
                    left -= 1
    return found


def _grows(issue: Issue) -> bool:
    return issue.is_early and issue.status in (IssueStatus.DUE, IssueStatus.DRAFT)
