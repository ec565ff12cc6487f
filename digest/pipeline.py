"""The way of an issue, as one line: collect → storylines → summarise → rank → compose → edit → render.

Pure from articles to mail; the time is the window's own end, so the same articles give the same
bytes, however often and whenever it runs. Approving and delivering come after, in `reconcile`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest import (
    collect,
    compose,
    continuing,
    edit,
    rank,
    regroup,
    storylines,
    summarise,
    variants,
)
from digest.earlier_weeks import EarlierWeeks
from digest.model import (
    NO_PAST,
    UNSHAPED,
    Article,
    IssueContent,
    Moments,
    Past,
    Printed,
    Rendered,
    Shape,
)
from digest.protocols import Progress, Summariser, SummaryLimits, silent
from digest.rank import NOTHING_EARLIER
from digest.schedules import Schedule

NOTHING = collect.Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A week composed and rendered. `thin`: too few stories to send.

    week: as it was before the editors' hand, for their next change. variants: the mail's other forms, by key.
    second: all of them under the other subject of a contest.
    """

    week: IssueContent
    content: IssueContent
    rendered: Rendered
    variants: Mapping[str, Rendered]
    thin: bool = False
    second: Printed | None = None


def build(
    articles: Sequence[Article],
    moments: Moments,
    *,
    schedule: Schedule,
    summariser: Summariser,
    number: int,
    public_url: str,
    known: collect.Known = NOTHING,
    shape: Shape = UNSHAPED,
    past: Past = NO_PAST,
    earlier: EarlierWeeks = NOTHING_EARLIER,
    progress: Progress = silent,
) -> Draft:
    """One week's draft from the window's articles. Raises RenderError where no mail can be made."""
    week, thin = make_week(
        articles,
        moments,
        schedule=schedule,
        summariser=summariser,
        number=number,
        known=known,
        shape=shape,
        past=past,
        earlier=earlier,
        progress=progress,
    )
    content = edit.shaped(week, shape, schedule)
    progress("render", 0, 1)
    printed = variants.print_all(content, schedule, public_url=public_url)
    progress("render", 1, 1)
    return Draft(
        week=week,
        content=content,
        rendered=printed.rendered,
        variants=printed.variants,
        second=printed.second,
        thin=thin,
    )


def make_week(
    articles: Sequence[Article],
    moments: Moments,
    *,
    schedule: Schedule,
    summariser: Summariser,
    number: int,
    known: collect.Known = NOTHING,
    shape: Shape = UNSHAPED,
    past: Past = NO_PAST,
    earlier: EarlierWeeks = NOTHING_EARLIER,
    progress: Progress = silent,
) -> tuple[IssueContent, bool]:
    """The week composed, before the editors' hand, and whether it is thin."""
    progress("collect", 0, len(articles))
    selection = collect.select(articles, moments.window, schedule.collect, known=known)
    progress("collect", len(articles), len(articles))
    progress("storylines", 0, len(selection.kept))
    found = storylines.group(selection.kept)
    lines = regroup.regrouped(found, shape)
    leads = [line.lead for line in lines]
    limits = SummaryLimits(schedule.summarise.sentences, schedule.summarise.words)
    with summarise.begun(leads, summariser, limits) as teller:  # beside all that follows
        continued = continuing.find(lines, past)
        progress("storylines", len(selection.kept), len(selection.kept))
        progress("summarise", 0, len(leads))
        progress("rank", 0, len(lines))
        ranked = rank.rank(lines, schedule.rank, now=moments.window.end, earlier=earlier)
        progress("rank", len(lines), len(lines))
        summaries = summarise.summarise_all(leads, teller, limits, progress=progress)
    progress("compose", 0, 1)
    week = compose.lay(
        ranked,
        summaries,
        selection,
        schedule=schedule,
        moments=moments,
        number=number,
        continued=continued,
    )
    progress("compose", 1, 1)
    # who tells two stories as one has not made the week thin
    return week, compose.is_thin(max(found, ranked, key=len), schedule.compose)
