"""Commands on judgement: why a story stands where it stands, and weights from editors' moves and readers' clicks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.bootstrap import House
    from digest.learning import Judged, Lesson, Proposal
    from digest.model import Article, Issue, IssueContent, Layout, Story
    from digest.numbers import Clicks
    from digest.positions import Chances
    from digest.schedules import Schedule


def explain(
    article: Annotated[str, typer.Argument(help="An article's id or its address.")],
    edition: Annotated[
        str | None, typer.Option("--edition", help="2026-11-29, or sunday/2026-11-29.")
    ] = None,
) -> None:
    """Why an article stands where it stands: its place, its score in parts, its storyline."""
    from digest import edit, explaining
    from digest.cli.naming import issue_of
    from digest.errors import NotFound
    from digest.store import shapes

    _, house = start.opened()
    found = _article(house, article)
    issue = issue_of(house, edition) if edition else _issue_with(house, found)
    if issue.content is None:
        raise NotFound(f"the issue {issue.period} has no draft yet; `digest build` makes one")
    schedule = house.schedule(issue.newsletter)
    with house.database.read() as session:
        week = shapes.week_of(session, issue.id) or issue.content
        layout = edit.shape_of(shapes.edits_of(session, issue.id)).layout
    window = _window(house, issue, schedule)
    told = explaining.explain(
        found, issue.content, week, window=window, table=schedule.compose, layout=layout
    )
    typer.echo(f"{issue.newsletter}/{issue.period}, number {issue.number}, {issue.status}\n")
    for line in told:
        typer.echo(line)


def _article(house: House, named: str) -> Article:
    """The article with this id or address. Raises NotFound."""
    from digest.errors import NotFound
    from digest.model import ArticleId
    from digest.store import articles

    with house.database.read() as session:
        if named.isdecimal() and len(named) < 19:
            return articles.get(session, ArticleId(int(named)))
        found = articles.by_url(session, named)
    if found is None:
        raise NotFound(f"no article has the address {named}; its id is in the desk's list too")
    return found


def _issue_with(house: House, article: Article) -> Issue:
    """The newest issue that accounts for the article, else the newest of all."""
    from digest.cli.naming import issue_of
    from digest.store import issues

    with house.database.read() as session:
        recent = [one for key in house.schedules for one in issues.recent(session, key, limit=60)]
    having = [one for one in recent if one.content and article.id in one.content.article_ids]
    return max(having, key=lambda one: one.period) if having else issue_of(house, None)


def _window(house: House, issue: Issue, schedule: Schedule) -> Sequence[Article]:
    from digest.store import articles

    with house.database.read() as session:
        return articles.in_window(session, schedule.source_keys, issue.moments.window)


# ---------------------------------------------------------------- learn


def learn(
    newsletter: Annotated[
        str | None, typer.Argument(help="Whose editors; default: the only newsletter.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write the weights into the schedule's file.")
    ] = False,
) -> None:
    """Weights from editors' moves and readers' clicks: today's order and the one that they ask for, side by side.

    Where clicks are counted it says how well each order would have put first what was read.

    Nothing is written without --accept, which changes [rank] in the schedule's file and keeps the rest of it.
    """
    from digest import learning
    from digest.errors import NotFound

    settings, house = start.opened()
    keys = [newsletter] if newsletter else list(house.schedules)
    if len(keys) > 1:
        raise NotFound(f"which newsletter? `digest learn {keys[0]}`")
    schedule = house.schedule(keys[0])
    lessons = _lessons(house, schedule.key)
    weights = {name: float(getattr(schedule.rank, name)) for name in learning.LEARNABLE}
    found = learning.propose(lessons, weights)
    if found is None:
        _show_judged(learning.judge(lessons))
        typer.echo(
            "No editor has moved or dropped a story yet, and no clicks tell two apart: there is nothing to learn from."
        )
        return
    _show(found, lessons[-1].stories)
    _show_judged(found.judged, found.chances)
    if not found.changes:
        typer.echo("The weights of today are those that they ask for.")
    elif found.would_agree < found.agreed:
        typer.echo("They agree with less than today's do: those stay. Nothing is changed.")
        raise typer.Exit(1 if accept else 0)
    elif accept:
        _write(house, settings.schedules / f"{schedule.key}.toml", found)
    else:
        typer.echo("Nothing is changed. `digest learn --accept` writes these weights.")


def _lessons(house: House, newsletter: str) -> list[Lesson]:
    """The issues in which editors moved something or whose clicks were counted, oldest first."""
    from digest import edit
    from digest.store import clicks, issues, shapes

    lessons = []
    with house.database.read() as session:
        recent = issues.recent(session, newsletter, limit=52)
        opened = clicks.of_issues(session, [issue.id for issue in recent])
        for issue in reversed(recent):
            week = shapes.week_of(session, issue.id)
            layout = edit.shape_of(shapes.edits_of(session, issue.id)).layout
            if week and (layout or (issue.id in opened and issue.content)):
                lessons.append(_lesson(week, issue.content, layout, opened.get(issue.id)))
    return lessons


def _lesson(
    week: IssueContent, printed: IssueContent | None, layout: Layout | None, opened: Clicks | None
) -> Lesson:
    """week: before the editors' hand. layout: what it made of it. opened: clicks by article, where they were counted."""
    from digest import edit, numbers
    from digest.learning import Lesson

    seen = numbers.of_stories(printed, opened) if printed and opened else ()
    return Lesson(
        week.period,
        week.stories,
        layout or edit.layout_of(printed or week),
        clicks={one.article_id: one.human for one in seen if one.human is not None},
        moved=layout is not None,
        places={one.article_id: one.place for one in seen},
    )


def _show(found: Proposal, newest: Sequence[Story]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from digest import learning

    console = Console()
    console.print(
        f"{found.pairs:,} pairs of {found.issues} issue{'s' if found.issues > 1 else ''}: today's weights agree with"
        f" editors and readers in {found.agreed:.0%}, these in {found.would_agree:.0%}."
    )
    weights = Table("weight", "today", "learned")
    for name, (old, new) in found.weights.items():
        weights.add_row(name, f"{old:g}", f"{new:g}")
    console.print(weights)
    order = Table("", "today", "learned", title="The newest week, by score")
    before = learning.by_score(newest)
    after = learning.reordered(newest, found.factors)
    for place, (one, other) in enumerate(zip(before[:12], after[:12], strict=True), 1):
        order.add_row(str(place), Text(one.title), Text(other.title))
    console.print(order)


def _show_judged(judged: Sequence[Judged], chances: Chances | None = None) -> None:
    """How the orders did against the clicks, issue by issue; nothing where none were counted."""
    from rich.console import Console
    from rich.table import Table

    if not judged:
        return
    console = Console()
    table = Table("issue", "clicks", "printed", "today", "learned", title="What was read, first")
    for one in judged:
        learned = "" if one.proposed is None else f"{one.proposed:.3f}"
        table.add_row(
            one.period, f"{one.clicks:,}", f"{one.printed:.3f}", f"{one.today:.3f}", learned
        )
    console.print(table)
    console.print(
        "NDCG at 10 of clicks by people, set right for place: 1 is an order by what was read. “learned” judges"
        " each issue by weights from the others."
    )
    if chances and chances.issues:
        tenth = 10**chances.decline
        console.print(
            f"By {chances.issues} issues, a story at the tenth place is looked at {tenth:.0%} as often as at the first."
        )


def _write(house: House, path: Path, found: Proposal) -> None:
    """Put the weights into the file, once it has been proved that the result can be read."""
    import tempfile

    from digest import rank_file, schedule_files
    from digest.store import events

    text = rank_file.with_weights(path.read_text("utf-8-sig"), found.changes)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        trial = Path(folder) / path.name
        trial.write_text(text, "utf-8")
        schedule_files.read(trial)
        trial.replace(path)
    with house.database.write() as session:
        data = {name: f"{old:g} to {new:g}" for name, (old, new) in found.weights.items()}
        action, subject = "accepted learned weights", path.stem
        events.record(
            session, at=house.clock(), actor="operator", action=action, subject=subject, data=data
        )
    typer.echo(f"{path}: {', '.join(f'{name} = {new:g}' for name, new in found.changes.items())}")
