"""Articles come in: sources are polled, what they give is stored, how they are is noted."""

from __future__ import annotations

import contextvars
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice

from digest import logs, spans
from digest.errors import BadInput, FetchError
from digest.model import ArticleId, IncomingArticle
from digest.protocols import Collected, PollState, Progress, Source, Verifies, silent
from digest.sources import boilerplate
from digest.sources.figures_file import FigureRow
from digest.store import article_batches, figures, furniture, polls, withdrawn
from digest.store.articles import Saved
from digest.store.engine import Database

log = logs.get(__name__)

#: Sources that are asked at once; of one host one alone (`sources.fetch`).
AT_ONCE = 8
#: The longest time between two polls of a source that fails.
LONGEST_BACK_OFF = dt.timedelta(days=1)
#: Asked again so rarely is a source whose server says that it is gone for good (410).
GONE = dt.timedelta(days=7)
#: The longest title that is made of an article's first words.
_TITLE = 80
#: Pages of articles that a source did not show and that are looked for in one poll.
_LOOKED_FOR = 5
#: Where more than this part of a source's articles are missing at once, it is the source that is ill.
_HALF = 0.5
#: Where nobody says how often.
_HOURLY_S = 3600
#: Somebody who reads a source and has said nothing for so long does not read it any more.
READING = dt.timedelta(minutes=10)
#: Articles in one transaction: few enough that others can write in between.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the articles that were offered, in numbers, and those that were refused.

    gone: how many stored ones were found to be off their site. ids: of all that were kept.
    """

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    errors: tuple[BadInput, ...] = ()
    gone: int = 0
    ids: tuple[ArticleId, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Polled:
    """How one source's poll went. error: empty where it went well. stored.errors: single articles."""

    source: str
    stored: Stored = Stored()
    error: str = ""

    @property
    def summary(self) -> str:
        """In plain words."""
        if self.error:
            return self.error
        done = self.stored
        text = f"{done.new} new, {done.revised} revised, {done.unchanged} unchanged"
        text += f", {done.gone} gone" if done.gone else ""
        return f"{text}, {len(done.errors)} left" if done.errors else text


def store_all(
    database: Database,
    articles: Iterable[IncomingArticle],
    *,
    now: dt.datetime,
    progress: Progress = silent,
) -> Stored:
    """Keep articles. One that cannot be used is told in `errors` and stops no other."""
    counts = {"new": 0, "revised": 0, "unchanged": 0}
    errors: list[BadInput] = []
    ids: list[ArticleId] = []
    given = tuple(articles)
    waiting = iter(given)
    while batch := list(islice(waiting, _BATCH)):
        with database.write() as session:
            for saved in article_batches.save_all(session, list(map(_titled, batch)), now=now):
                if isinstance(saved, Saved):
                    counts[saved.outcome] += 1
                    ids.append(saved.id)
                else:
                    errors.append(saved)
        progress("store", sum(counts.values()) + len(errors), len(given))
    return Stored(**counts, errors=tuple(errors), ids=tuple(ids))


def note_figures(
    database: Database,
    rows: Sequence[FigureRow],
    *,
    source: str | None,
    now: dt.datetime,
    progress: Progress = silent,
) -> tuple[int, tuple[FigureRow, ...]]:
    """Keep the figures of a table: of how many articles they are, and the rows of pages that nobody knows."""
    noted, done, unknown = 0, 0, []
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        progress("figures", done, len(rows))
        with database.write() as session:
            for row in batch:
                found = figures.whose(session, url=row.url, source_id=row.source_id, source=source)
                for article in found:
                    figures.note(session, article, row.figures, now=now)
                noted += len(found)
                unknown += [] if found else [row]
        done += len(batch)
    progress("figures", done, len(rows))
    return noted, tuple(unknown)


def _titled(article: IncomingArticle) -> IncomingArticle:
    """An article without a title gets its first words as one: short notes often have none."""
    if article.title.strip():
        return article
    first = " ".join(article.text.split())
    cut = first if len(first) <= _TITLE else first[:_TITLE].rsplit(" ", 1)[0].rstrip(",;:–—-") + "…"
    return replace(article, title=cut)


def poll(
    database: Database,
    sources: Sequence[Source],
    intervals: Mapping[str, int],
    *,
    now: dt.datetime,
    force: bool = False,
    progress: Progress = silent,
) -> tuple[Polled, ...]:
    """Ask every source that is due (with `force`: every one), and store what it gives.

    intervals: seconds between two good polls, by source. A source that fails is asked again after
    twice its interval, then four times, up to a day; it never stops the others. What somebody else reads
    at this moment is left to them, unless it is forced: a final draft waits for nobody.
    """
    asked = list(_due(database, sources, now=now, force=force))
    mine = begin(database, [source.key for source, _ in asked], now=now)
    asked = [one for one in asked if force or one[0].key in mine]
    done: dict[str, Polled] = {}
    quiet: dict[str, PollState] = {}
    every = {one.key: dt.timedelta(seconds=intervals.get(one.key, _HOURLY_S)) for one in sources}
    progress("poll", 0, len(asked))
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="poll") as pool:
        answers = [  # each in this context: its lines in the log are about this newsletter, too
            pool.submit(contextvars.copy_context().run, _ask, source, state, now)
            for source, state in asked
        ]
        for (source, _), answer in zip(asked, answers, strict=True):
            key, found = source.key, answer.result()
            if isinstance(found, Collected) and _is_quiet(found):
                quiet[key] = found.state
            else:
                done[key] = _guarded(database, source, found, every=every[key], now=now)
            progress("poll", len(done) + len(quiet), len(asked))
    done |= _note_quiet(database, quiet, every, now=now)
    return tuple(done[source.key] for source, _ in asked)


def begin(database: Database, keys: Sequence[str], *, now: dt.datetime) -> set[str]:
    """Take sources in hand to read them now; those that nobody else reads."""
    if not keys:
        return set()
    with database.write() as session:
        return polls.begin(session, keys, now=now, until=now + READING)


def _is_quiet(found: Collected) -> bool:
    """Nothing is new, nothing was refused, and nothing can be said of what is missing."""
    return found.articles == () and found.errors == () and found.whole_since is None


def _note_quiet(
    database: Database,
    quiet: Mapping[str, PollState],
    every: Mapping[str, dt.timedelta],
    *,
    now: dt.datetime,
) -> dict[str, Polled]:
    """Note all that had nothing new at once: hundreds of them would be hundreds of commits."""
    if not quiet:
        return {}
    try:
        with database.write() as session:
            for key, state in quiet.items():
                polls.record_success(session, key, state, now=now, next_poll_at=now + every[key])
    except Exception as error:
        log.exception("polls could not be noted")
        fault = f"could not be noted: {type(error).__name__}"
        return {key: Polled(key, error=str(FetchError(key, fault))) for key in quiet}
    log.info("sources polled, nothing new", sources=len(quiet))
    return {key: Polled(key) for key in quiet}


def _due(
    database: Database, sources: Sequence[Source], *, now: dt.datetime, force: bool
) -> Iterator[tuple[Source, PollState]]:
    """Each source to be asked, with what it was told last; asked by hand, it gives everything."""
    keys = [source.key for source in sources]
    with database.read() as session:
        due = set(keys if force else polls.due(session, keys, now=now))
        states = polls.states(session, keys)
        for source in sources:
            known = states[source.key]
            if source.key in due:
                yield source, PollState(moved=known.moved, memory=known.memory) if force else known


def _ask(source: Source, state: PollState, now: dt.datetime) -> Collected | FetchError:
    """One poll. Whatever goes wrong in a source is that source's fault alone."""
    try:
        with spans.span("read a source", source=source.key):
            return source.poll(state, now)
    except FetchError as error:
        return error
    except Exception as error:
        log.exception("a source broke", source=source.key)
        return FetchError(source.key, f"{type(error).__name__}: {error}")


def _guarded(
    database: Database,
    source: Source,
    answer: Collected | FetchError,
    *,
    every: dt.timedelta,
    now: dt.datetime,
) -> Polled:
    """`_settle`, with whatever goes wrong told as this source's failure."""
    try:
        return _settle(database, source, answer, every=every, now=now)
    except Exception as error:
        log.exception("a source's articles could not be stored", source=source.key)
        fault = FetchError(source.key, f"could not be stored: {type(error).__name__}")
    try:
        _note_failure(database, source.key, fault, every=every, now=now)
    except Exception:
        log.exception("a source's failure could not be noted", source=source.key)
    return Polled(source.key, error=str(fault))


def _settle(
    database: Database,
    source: Source,
    answer: Collected | FetchError,
    *,
    every: dt.timedelta,
    now: dt.datetime,
) -> Polled:
    """Store what came, and note what is gone and when to ask again."""
    if isinstance(answer, FetchError):
        _note_failure(database, source.key, answer, every=every, now=now)
        return Polled(source.key, error=str(answer))
    articles = _without_furniture(database, source.key, answer.articles, now=now)
    stored = store_all(database, articles, now=now)
    gone = _note_gone(database, source, answer.whole_since, stored, now=now)
    with database.write() as session:
        polls.record_success(session, source.key, answer.state, now=now, next_poll_at=now + every)
    found = replace(stored, errors=(*answer.errors, *stored.errors), gone=gone)
    log.info(
        "source polled",
        source=source.key,
        new=found.new,
        revised=found.revised,
        unchanged=found.unchanged,
        gone=found.gone,
        left=len(found.errors),
    )
    return Polled(source.key, found)


def _without_furniture(
    database: Database, source: str, articles: Sequence[IncomingArticle], *, now: dt.datetime
) -> tuple[IncomingArticle, ...]:
    """The articles without what their source prints under many; what is learned of it now is remembered."""
    if not articles:
        return ()
    with database.read() as session:
        stored = furniture.recent(session, source)
        mine = {name for one in articles for name in (one.source_id, one.url) if name}
        old = [body for source_id, url, body in stored if not {source_id, url} & mine]
        texts = [boilerplate.paragraphs_of(text) for text in (*old, *(a.text for a in articles))]
        keys = {boilerplate.key_of(one) for paragraphs in texts for one in paragraphs}
        known = furniture.known(session, source, keys)
    learned = boilerplate.recurring_over_weeks(texts) - known
    if learned:
        with database.write() as session:
            furniture.learn(session, source, learned, now=now)
        log.info("furniture learned", source=source, paragraphs=len(learned))
    return boilerplate.freed(articles, known | learned)


def _note_gone(
    database: Database,
    source: Source,
    since: dt.datetime | None,
    stored: Stored,
    *,
    now: dt.datetime,
) -> int:
    """Note what the source shows no more; how many. Where half is missing, nothing is believed."""
    if since is None:
        return 0
    with database.read() as session:
        missing, known = withdrawn.absent(session, source.key, since=since, seen=stored.ids)
    if not missing:
        return 0
    if len(missing) > max(1.0, _HALF * known):
        log.warning("a source shows few of its articles", source=source.key, missing=len(missing))
        return 0
    if isinstance(source, Verifies):
        missing = [one for one in missing[-_LOOKED_FOR:] if one.url and source.is_missing(one.url)]
    with database.write() as session:
        withdrawn.take_off(session, [one.id for one in missing], now=now)
    return len(missing)


def _note_failure(
    database: Database, source: str, error: FetchError, *, every: dt.timedelta, now: dt.datetime
) -> None:
    with database.write() as session:
        (health,) = polls.health(session, [source])
        wait = back_off(every, health.failures + 1, error)
        polls.record_failure(session, source, str(error), now=now, next_poll_at=now + wait)
    log.warning("source failed", source=source, failures=health.failures + 1, why=error.reason)


def back_off(every: dt.timedelta, failures: int, error: FetchError) -> dt.timedelta:
    """How long to leave a source alone after so many failures in a row; one that is gone, a week."""
    if error.gone:
        return max(every, GONE)
    if error.permanent:
        return max(every, LONGEST_BACK_OFF)
    wait = every * (1 << min(failures, 10))
    asked = dt.timedelta(seconds=error.wait_s or 0)
    return max(min(wait, max(LONGEST_BACK_OFF, every)), asked)
