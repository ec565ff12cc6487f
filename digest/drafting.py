"""Making a draft: one issue's articles from the store, through the pipeline, back into the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from digest import collect, earlier_weeks, edit, pipeline, spans, sweeping
from digest.earlier_weeks import EarlierWeeks
from digest.errors import Conflict
from digest.ingredients import Ingredients, mark_of
from digest.model import Article, ArticleId, Issue, IssueContent, IssueStatus, Past, Shape, Window
from digest.pipeline import Draft
from digest.protocols import Progress, Summariser, silent
from digest.schedules import Schedule
from digest.store import apart, article_texts, articles, events, issues, shapes
from digest.store.engine import Database, Session

#: How many weeks teach what a story may expect, and how many issues a story may go on from.
WEEKS_BACK, ISSUES_BACK = 8, 3
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
    """What came of it. thin: why there are too few stories to send; nothing is stored then.

    unchanged: the draft that is there is made of the very same.
    """

    thin: str = ""
    unchanged: bool = False


def draft(
    house: DraftingHouse,
    issue: Issue,
    *,
    now: dt.datetime,
    progress: Progress = silent,
    if_changed: bool = False,
) -> Drafted:
    """Build one issue from what the store holds now. Harmless to repeat. Raises RenderError, Conflict.

    Before the week is over a draft is stored however thin it is, if there is a story at all.
    if_changed: it is not built where its draft was made of the very same.
    """
    with sweeping.seldom:
        return _draft(house, issue, now=now, progress=progress, if_changed=if_changed)


def _draft(
    house: DraftingHouse, issue: Issue, *, now: dt.datetime, progress: Progress, if_changed: bool
) -> Drafted:
    schedule = house.schedules[issue.newsletter]
    with house.database.read() as session:
        standing = shapes.standing(session, issue.id)
        shape = edit.shape_of(shapes.edits_of(session, issue.id))
        made_of = shapes.made_of(session, issue.id)
    given = _gathered(house, issue)
    mark = mark_of(given, issue, shape, schedule, public_url=house.public_url)
    if if_changed and mark is not None and mark == made_of:
        with house.database.write() as session:
            issues.note_build(session, issue.id, now=now)
        return Drafted(unchanged=True)
    with spans.span("make a draft", newsletter=issue.newsletter, issue=issue.id):
        built = _built(house, issue, shape, given, progress=progress)
    if built is None:
        return Drafted(thin="no story came this week")
    over = now >= issue.moments.draft_at
    if built.thin and over and schedule.compose.thin_week == "skip":
        stories, least = len(built.content.stories), schedule.compose.minimum_stories
        return Drafted(
            thin=f"a thin week: {stories} {'story' if stories == 1 else 'stories'}, fewer than {least}"
        )
    with house.database.write() as session:
        edited = shapes.standing(session, issue.id, locked=True).version != standing.version
        if not edited:
            save(session, issue, built, now=now, made_of=mark)
    if edited:  # since the shape was read
        return _draft(house, issue, now=now, progress=progress, if_changed=False)
    progress("draft", 1, 1)
    return Drafted()


def again(
    house: DraftingHouse,
    issue: Issue,
    *,
    actor: str,
    now: dt.datetime,
    progress: Progress = silent,
) -> Drafted:
    """Build an issue because a person or a program asks for it; a line tells who. Raises Conflict where it is too late."""
    if issue.status not in (IssueStatus.DUE, IssueStatus.DRAFT, IssueStatus.HELD):
        given = issue.approval if issue.status is IssueStatus.APPROVED else None
        why = f"approved, by {given.by}; the desk can take that back" if given else issue.status
        raise Conflict(f"the issue {issue.period} is not built again: it is {why}")
    made = draft(house, issue, now=now, progress=progress)
    with house.database.write() as session:
        subject = f"{issue.newsletter}/{issue.period}"
        events.record(session, at=now, actor=actor, action="built the draft", subject=subject)
    return made


def build(
    house: DraftingHouse, issue: Issue, shape: Shape, *, progress: Progress = silent
) -> Draft | None:
    """One issue's draft with the editors' hand laid over it; None where no story came. Stores nothing."""
    with sweeping.seldom:
        return _built(house, issue, shape, _gathered(house, issue), progress=progress)


def _built(
    house: DraftingHouse,
    issue: Issue,
    shape: Shape,
    given: Ingredients,
    *,
    progress: Progress,
) -> Draft | None:
    schedule = house.schedules[issue.newsletter]
    if not given.articles:
        return None
    return pipeline.build(
        given.articles,
        issue.moments,
        schedule=schedule,
        summariser=house.summariser(issue.newsletter),
        number=issue.number,
        public_url=house.public_url,
        known=given.known,
        shape=shape,
        past=given.past,
        earlier=given.earlier,
        progress=progress,
    )


def save(
    session: Session,
    issue: Issue,
    made: Draft,
    *,
    now: dt.datetime,
    built: bool = True,
    edited: bool = False,
    made_of: str | None = None,
) -> None:
    """Keep a draft, and where it was built the week that it was made of. Raises Conflict once it is approved.

    made_of: as of `mark_of`, where that is known.
    """
    if built:
        shapes.keep_week(session, issue.id, made.week, made_of=made_of)
    issues.save_draft(
        session,
        issue.id,
        made.content,
        made.rendered,
        made.variants,
        second=made.second,
        now=now,
        built=built,
        edited=edited,
    )


def _gathered(house: DraftingHouse, issue: Issue) -> Ingredients:
    """The window's articles, with those of the week before that came in too late for it, and all that is known beside them."""
    schedule = house.schedules[issue.newsletter]
    with house.database.read() as session:
        told = issues.told_before(
            session, issue.newsletter, before_period=issue.period, limit=REMEMBERED
        )
        found = _articles(session, issue, schedule, told[0] if told else None)
        if not found:
            return Ingredients()
        last = [one.content for one in told[:ISSUES_BACK] if one.content]
        old = {number for one in told if one.content for number in one.content.told_ids}
        del told  # a large site's issues are large
        texts = {one.id: one.text for one in found}
        known = _known(session, found, old, texts, keep=_leads(last))
        past = _past(last, texts)
        earlier = _learned(session, issue, schedule)
    return Ingredients(tuple(found), past, earlier, known)


def _leads(told: Sequence[IssueContent]) -> frozenset[ArticleId]:
    return frozenset(story.article_id for content in told for story in content.stories)


def _articles(
    session: Session, issue: Issue, schedule: Schedule, before: Issue | None
) -> list[Article]:
    """The window's articles, with those of the week before that came in too late for its issue."""
    return articles.in_window(
        session,
        schedule.source_keys,
        issue.moments.window,
        late_since=before.moments.window.start if before else None,
        told=before.content.article_ids if before and before.content else (),
    )


def _known(
    session: Session,
    found: Sequence[Article],
    told: Collection[ArticleId],
    texts: dict[ArticleId, str],
    *,
    keep: Collection[ArticleId],
) -> collect.Known:
    """Which articles that were told the week may repeat, and which of its own an editor took apart.

    The texts of most are looked at and left; those to `keep` come into `texts`.
    """
    ours, ids = frozenset(texts), list[ArticleId]()

    def looked_at() -> Iterator[str]:
        for one, body in article_texts.bodies(session, frozenset(told) - ours):
            ids.append(one)
            if one in keep:
                texts[one] = body
            yield body

    likely = collect.likely_repeated(looked_at(), found) if told else []
    before = article_texts.remembered(session, {ids[place] for place in likely})
    return collect.Known(tuple(before), apart.pairs(session, ours))


def _past(told: Sequence[IssueContent], texts: Mapping[ArticleId, str]) -> Past:
    """What the last issues told. texts: among others of the articles that they lead with."""
    leads = _leads(told)
    return Past(tuple(told), {one: text for one, text in texts.items() if one in leads})


def _learned(session: Session, issue: Issue, schedule: Schedule) -> EarlierWeeks:
    """What readers made of earlier weeks."""
    start = issue.moments.window.start
    weeks = Window(start - WEEKS_BACK * dt.timedelta(days=7), start)
    measured = articles.measured(session, schedule.source_keys, weeks)
    return earlier_weeks.learn(measured, schedule.rank.signs, now=start)
