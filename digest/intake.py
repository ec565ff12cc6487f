"""Articles come in: sources are polled, what they give is stored, how they are is noted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from digest import logs
from digest.errors import BadInput, Conflict, FetchError
from digest.model import IncomingArticle
from digest.protocols import Collected, PollState, Progress, Source, silent
from digest.store import articles as article_store
from digest.store import polls
from digest.store.engine import Database, Session

log = logs.get(__name__)

#: Sources that are asked at once.
AT_ONCE = 4
#: The longest time between two polls of a source that fails.
LONGEST_BACK_OFF = dt.timedelta(days=1)
#: Where nobody says how often.
_HOURLY_S = 3600
#: Articles in one transaction: few enough that others can write in between.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the articles that were offered, in numbers, and those that were refused."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    errors: tuple[BadInput, ...] = ()


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
        return f"{text}, {len(done.errors)} left" if done.errors else text


def store_all(
    database: Database,
    articles: Sequence[IncomingArticle],
    *,
    now: dt.datetime,
    progress: Progress = silent,
) -> Stored:
    """Keep articles. One that cannot be used is told in `errors` and stops no other."""
    counts = {"new": 0, "revised": 0, "unchanged": 0}
    errors: list[BadInput] = []
    waiting = iter(articles)
    while batch := list(islice(waiting, _BATCH)):
        with database.write() as session:
            for article in batch:
                saved = _save(session, article, now=now)
                if isinstance(saved, BadInput):
                    errors.append(saved)
                else:
                    counts[saved] += 1
        progress("store", sum(counts.values()) + len(errors), len(articles))
    return Stored(counts["new"], counts["revised"], counts["unchanged"], tuple(errors))


def _save(
    session: Session, article: IncomingArticle, *, now: dt.datetime
) -> article_store.Outcome | BadInput:
    """What became of one article, or why it was left."""
    try:
        return article_store.save(session, article, now=now).outcome
    except BadInput as error:
        return error
    except Conflict as error:
        return BadInput(article.title, str(error))


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
    twice its interval, then four times, up to a day; it never stops the others.
    """
    asked = list(_due(database, sources, now=now, force=force))
    done: list[Polled] = []
    progress("poll", 0, len(asked))
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="poll") as pool:
        answers = [pool.submit(_ask, source, state, now) for source, state in asked]
        for (source, _), answer in zip(asked, answers, strict=True):
            every = dt.timedelta(seconds=intervals.get(source.key, _HOURLY_S))
            done.append(_guarded(database, source.key, answer.result(), every=every, now=now))
            progress("poll", len(done), len(asked))
    return tuple(done)


def _due(
    database: Database, sources: Sequence[Source], *, now: dt.datetime, force: bool
) -> Iterator[tuple[Source, PollState]]:
    """Each source to be asked, with what it was told last; asked by hand, it gives everything."""
    keys = [source.key for source in sources]
    with database.read() as session:
        due = set(keys if force else polls.due(session, keys, now=now))
        for source in sources:
            if source.key in due:
                yield source, PollState() if force else polls.state(session, source.key)


def _ask(source: Source, state: PollState, now: dt.datetime) -> Collected | FetchError:
    """One poll. Whatever goes wrong in a source is that source's fault alone."""
    try:
        return source.poll(state, now)
    except FetchError as error:
        return error
    except Exception as error:
        log.exception("a source broke", source=source.key)
        return FetchError(source.key, f"{type(error).__name__}: {error}")


def _guarded(
    database: Database,
    source: str,
    answer: Collected | FetchError,
    *,
    every: dt.timedelta,
    now: dt.datetime,
) -> Polled:
    """`_settle`, with whatever goes wrong told as this source's failure."""
    try:
        return _settle(database, source, answer, every=every, now=now)
    except Exception as error:
        log.exception("a source's articles could not be stored", source=source)
        fault = FetchError(source, f"could not be stored: {type(error).__name__}")
    try:
        _note_failure(database, source, fault, every=every, now=now)
    except Exception:
        log.exception("a source's failure could not be noted", source=source)
    return Polled(source, error=str(fault))


def _settle(
    database: Database,
    source: str,
    answer: Collected | FetchError,
    *,
    every: dt.timedelta,
    now: dt.datetime,
) -> Polled:
    """Store what came, and note when to ask again."""
    if isinstance(answer, FetchError):
        _note_failure(database, source, answer, every=every, now=now)
        return Polled(source, error=str(answer))
    stored = store_all(database, answer.articles, now=now)
    with database.write() as session:
        polls.record_success(session, source, answer.state, now=now, next_poll_at=now + every)
    errors = (*answer.errors, *stored.errors)
    log.info(
        "source polled",
        source=source,
        new=stored.new,
        revised=stored.revised,
        unchanged=stored.unchanged,
        left=len(errors),
    )
    return Polled(source, Stored(stored.new, stored.revised, stored.unchanged, errors))


def _note_failure(
    database: Database, source: str, error: FetchError, *, every: dt.timedelta, now: dt.datetime
) -> None:
    with database.write() as session:
        (health,) = polls.health(session, [source])
        wait = back_off(every, health.failures + 1, error)
        polls.record_failure(session, source, str(error), now=now, next_poll_at=now + wait)
    log.warning("source failed", source=source, failures=health.failures + 1, why=error.reason)


def back_off(every: dt.timedelta, failures: int, error: FetchError) -> dt.timedelta:
    """How long to leave a source alone after so many failures in a row."""
    if error.permanent:
        return max(every, LONGEST_BACK_OFF)
    wait = every * (1 << min(failures, 10))
    asked = dt.timedelta(seconds=error.wait_s or 0)
    return max(min(wait, max(LONGEST_BACK_OFF, every)), asked)
