"""Summarise the articles of a week, one after the other, with any summariser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from digest import lines
from digest.errors import BadInput
from digest.model import Article, ArticleId, Summary
from digest.protocols import BeginsEarly, Progress, Summariser, SummaryLimits, silent

#: The method of a summary that is the source's own teaser, for want of a text.
TEASER = "teaser"


def begun(
    articles: Sequence[Article], summariser: Summariser, limits: SummaryLimits
) -> AbstractContextManager[Summariser]:
    """Who to ask for summaries of these articles while the block lasts: some summarisers begin at once."""
    if not isinstance(summariser, BeginsEarly):
        return nullcontext(summariser)
    return summariser.begun([(one.title, one.text) for one in articles], limits)


def summarise_all(
    articles: Iterable[Article],
    summariser: Summariser,
    limits: SummaryLimits,
    *,
    progress: Progress = silent,
) -> dict[ArticleId, Summary]:
    """A summary of each article, by its id. Sentences' offsets count in the article's text."""
    todo = list(articles)
    done: dict[ArticleId, Summary] = {}
    progress("summarise", 0, len(todo))
    for number, article in enumerate(todo, 1):
        done[article.id] = _summary(article, summariser, limits)
        progress("summarise", number, len(todo))
    return done


def _summary(article: Article, summariser: Summariser, limits: SummaryLimits) -> Summary:
    """Of the text; where that gives nothing, of the teaser (without offsets: it is not the text)."""
    summary = summariser.summarise(article.title, article.text, limits)
    if summary.text or not article.teaser:
        return summary
    return Summary(summariser.summarise(article.title, article.teaser, limits).text, (), TEASER)


def summarise_lines(
    objects: Iterable[Mapping[str, object]], summariser: Summariser, limits: SummaryLimits
) -> Iterator[dict[str, object]]:
    """`{"id","title","text"}` → `{"id","summary","sentences"}`; a bad one answers with `error`."""
    for given in objects:
        try:
            yield _line(given, summariser, limits)
        except BadInput as error:
            yield lines.refusal(given, error)


def _line(
    given: Mapping[str, object], summariser: Summariser, limits: SummaryLimits
) -> dict[str, object]:
    name = lines.name_of(given)
    title, text = lines.text_of(given, "title"), lines.text_of(given, "text")
    summary = summariser.summarise(title, text, limits)
    sentences = [{"text": s.text, "start": s.start, "end": s.end} for s in summary.sentences]
    return {"id": name, "summary": summary.text, "sentences": sentences, "method": summary.method}
