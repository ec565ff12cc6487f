"""The way of an issue, as one line: collect → storylines → summarise → rank → compose → render.

Pure from articles to mail; the time is the window's own end, so the same articles give the same
bytes, however often and whenever it runs. Approving and delivering come after, in `reconcile`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest import collect, compose, preflight, rank, render, storylines, summarise
from digest.model import Article, IssueContent, Moments, Rendered
from digest.preflight import Finding
from digest.protocols import Progress, Summariser, SummaryLimits, silent
from digest.schedules import Schedule

NOTHING = collect.Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A week composed and rendered, with what preflight found. `thin`: too few stories to send."""

    content: IssueContent
    rendered: Rendered
    findings: tuple[Finding, ...]
    thin: bool

    @property
    def blockers(self) -> tuple[str, ...]:
        """The findings that forbid an approval, in plain words."""
        return tuple(found.message for found in self.findings if found.level == "error")


def build(
    articles: Sequence[Article],
    moments: Moments,
    *,
    schedule: Schedule,
    summariser: Summariser,
    number: int,
    public_url: str,
    known: collect.Known = NOTHING,
    progress: Progress = silent,
) -> Draft:
    """One week's draft from the window's articles. Raises RenderError where no mail can be made."""
    content, thin = make_content(
        articles,
        moments,
        schedule=schedule,
        summariser=summariser,
        number=number,
        known=known,
        progress=progress,
    )
    progress("render", 0, 1)
    rendered = render.render(content, schedule, public_url=public_url)
    findings = preflight.check(content, rendered, public_url=public_url)
    progress("render", 1, 1)
    return Draft(content=content, rendered=rendered, findings=findings, thin=thin)


def make_content(
    articles: Sequence[Article],
    moments: Moments,
    *,
    schedule: Schedule,
    summariser: Summariser,
    number: int,
    known: collect.Known = NOTHING,
    progress: Progress = silent,
) -> tuple[IssueContent, bool]:
    """The week composed, and whether it is thin."""
    progress("collect", 0, len(articles))
    selection = collect.select(articles, moments.window, schedule.collect, known=known)
    progress("collect", len(articles), len(articles))
    progress("storylines", 0, len(selection.kept))
    lines = storylines.group(selection.kept)
    progress("storylines", len(selection.kept), len(selection.kept))
    limits = SummaryLimits(schedule.summarise.sentences, schedule.summarise.words)
    leads = [line.lead for line in lines]
    summaries = summarise.summarise_all(leads, summariser, limits, progress=progress)
    progress("rank", 0, len(lines))
    ranked = rank.rank(lines, schedule.rank, now=moments.window.end)
    progress("rank", len(lines), len(lines))
    progress("compose", 0, 1)
    content = compose.compose(
        ranked, summaries, selection, schedule=schedule, moments=moments, number=number
    )
    progress("compose", 1, 1)
    return content, compose.is_thin(ranked, schedule.compose)
