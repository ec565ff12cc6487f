"""Why an article stands where it stands, in words: its score in parts, its storyline, its place in the issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest import likeness
from digest.model import Article, ArticleId, IssueContent, Layout, Story
from digest.schedules import ComposeTable
from digest.storylines import THRESHOLD


def explain(
    article: Article,
    content: IssueContent,
    week: IssueContent,
    *,
    window: Sequence[Article],
    table: ComposeTable,
    layout: Layout | None = None,
) -> list[str]:
    """Lines for a person. content: as it would be mailed; week: before the editors' hand; window: all its articles."""
    lines = [f"{article.title} (article {article.id})"]
    if article.url:
        lines.append(article.url)
    lines.append("")
    lines += _where(article.id, content, week, layout)
    story = _story_of(article.id, week)
    if story is not None:
        lines += ["", *_score(story, week, table), "", *_storyline(article, story, week, window)]
    return lines


def _story_of(article: ArticleId, week: IssueContent) -> Story | None:
    """The story that tells the article, as its lead or in its thread."""
    return next((s for s in week.stories if article in _told_by(s)), None)


def _told_by(story: Story) -> tuple[ArticleId, ...]:
    return (story.article_id, *(item.article_id for item in story.thread))


# ---------------------------------------------------------------- its place


def _where(
    article: ArticleId, content: IssueContent, week: IssueContent, layout: Layout | None
) -> Iterator[str]:
    for one in content.left_out:
        if one.article_id == article:
            hand = layout is not None and article in dict(layout.dropped)
            yield f"Left out{' by an editor' if hand else ''}: {one.reason}."
            return
    story = _story_of(article, content)
    if story is None:
        yield "Not in this issue: it came after the draft was made, or belongs to another week."
        return
    if story.article_id != article:
        yield f"Told in the course of “{story.title}”, which leads its storyline."
    yield f"It stands {_place(story, content)}."
    before = _story_of(article, week)
    if before is not None and _place(before, week) != _place(story, content):
        yield f"An editor put it there; by score it would stand {_place(before, week)}."


def _place(story: Story, content: IssueContent) -> str:
    if content.lead is not None and content.lead.article_id == story.article_id:
        return "first: it is the lead"
    for section in content.sections:
        ids = [one.article_id for one in section.stories]
        if story.article_id in ids:
            return f"in the section {section.name}, place {ids.index(story.article_id) + 1} of {len(ids)}"
    ids = [one.article_id for one in content.briefs]
    return f"among the briefs, place {ids.index(story.article_id) + 1} of {len(ids)}"


# ---------------------------------------------------------------- its score


def _score(story: Story, week: IssueContent, table: ComposeTable) -> Iterator[str]:
    ids = [one.article_id for one in sorted(week.stories, key=lambda s: -s.score)]
    place = ids.index(story.article_id) + 1
    yield f"Score {story.score:.2f}: place {place} of {len(ids)}."
    for reason in sorted(story.reasons, key=lambda r: -abs(r.points)):
        yield f"  {reason.points:+6.2f}  {reason.text or reason.name}"
    if story in week.briefs:
        yield _why_brief(story, place, week, table)


def _why_brief(story: Story, place: int, week: IssueContent, table: ComposeTable) -> str:
    if place > table.stories:
        return f"A brief, since the first {table.stories} are told in full."
    authors = ", ".join(story.authors)
    inside = [s for s in week.sections if s.name.casefold() == story.section.casefold()]
    if inside and len(inside[0].stories) >= table.per_section:
        return (
            f"A brief, since {story.section} has its {table.per_section} stories in full already."
        )
    return f"A brief, since {table.per_author} stories by {authors} are told in full already."


# ---------------------------------------------------------------- its storyline


def _storyline(
    article: Article, story: Story, week: IssueContent, window: Sequence[Article]
) -> Iterator[str]:
    if story.thread:
        coverage = next((r.text for r in story.reasons if r.name == "coverage"), "")
        yield f"Storyline: {coverage or f'{len(story.thread) + 1} articles'}."
        yield f"  lead: {story.title}"
        yield from (f"  {item.published_at:%a %d %b}: {item.title}" for item in story.thread)
    else:
        yield "A story of its own."
    if story.continues is not None:
        yield f"It goes on from “{story.continues.item.title}” of the issue {story.continues.period}."
    yield from _nearest(article, story, week, window)


def _nearest(
    article: Article, story: Story, week: IssueContent, window: Sequence[Article]
) -> Iterator[str]:
    """The nearest article that is told in another story, and what keeps the two apart."""
    told = {one for other in week.stories for one in _told_by(other)}
    near = [a for a in window if a.id == article.id or a.id in told - set(_told_by(story))]
    places = [place for place, one in enumerate(near) if one.id == article.id]
    if not places or len(near) < 2:
        return
    pairs = likeness.of([likeness.read(a.title, a.text, a.when) for a in near])
    row = pairs.like[places[0]]
    best = int(row.argmax())
    if row[best] <= 0:
        yield "Nothing else of the week is like it."
        return
    why = f"likeness {row[best]:.2f}; {THRESHOLD:.2f} would join them"
    if row[best] >= THRESHOLD and not pairs.may[places[0], best]:
        why = f"likeness {row[best]:.2f}, but too few rare words and names in common"
    elif row[best] >= THRESHOLD:
        why = f"likeness {row[best]:.2f}, but its storyline as a whole is less like it"
    yield f"Nearest story: “{near[best].title}” ({why})."
