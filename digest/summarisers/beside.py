"""The article's own sentences for many articles at once: a child works beside us where a processor is idle.

The child begins with the last article, who asks with the first; who asks for one that is not made yet makes it. So nobody
waits for a child, and one that dies, hangs or cannot be started costs nothing but its help.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

from digest import child
from digest.errors import BadInput
from digest.model import Sentence, Summary
from digest.protocols import Summariser, SummaryLimits, TitledText
from digest.summarisers.extractive import ExtractiveSummariser

#: Fewer articles than these are done before a child has started.
WORTH = 300
#: Articles of one job: what the child is at when nobody needs it any more is made in vain.
_AT_ONCE = 20
#: What one job may take: seconds, and bytes of address space.
_SECONDS, _MEMORY = 15.0, 1_000_000_000
#: So many summaries are remembered, about a kilobyte each: the next hour's draft is mostly made of the same.
_REMEMBERED = 4000

_OWN = ExtractiveSummariser()


class _Made:
    """Summaries by what they were made of; the oldest go first."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._found: dict[bytes, Summary] = {}

    def get(self, title: str, text: str, limits: SummaryLimits) -> Summary | None:
        return self._found.get(_key(title, text, limits))

    def keep(self, title: str, text: str, limits: SummaryLimits, made: Summary) -> None:
        with self._lock:
            self._found[_key(title, text, limits)] = made
            while len(self._found) > self._most:
                del self._found[next(iter(self._found))]


def _key(title: str, text: str, limits: SummaryLimits) -> bytes:
    told = f"{limits.sentences}\x1f{limits.words}\x1f{title}\x1f{text}"
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


_MADE = _Made(_REMEMBERED)


class BesideSummariser:
    """`ExtractiveSummariser` that remembers what was made, and has a child while many are wanted."""

    name = ExtractiveSummariser.name

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        """As `ExtractiveSummariser`."""
        found = _MADE.get(title, text, limits)
        if found is None:
            found = _OWN.summarise(title, text, limits)
            _MADE.keep(title, text, limits, found)
        return found

    @contextmanager
    def begun(self, articles: Sequence[TitledText], limits: SummaryLimits) -> Iterator[Summariser]:
        """The same, and until the block ends a child is at these articles, where that is worth it."""
        missing = [one for one in articles if _MADE.get(*one, limits) is None]
        if len(missing) < WORTH or processors() < 2:
            yield self
            return
        over = threading.Event()
        words = (missing[::-1], limits, over)
        with suppress(RuntimeError):  # where no thread is to be had there is no child
            threading.Thread(target=_feed, args=words, name="summaries", daemon=True).start()
        try:
            yield self
        finally:
            over.set()  # the child ends with the job that it is at; nobody waits for that


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _feed(articles: Sequence[TitledText], limits: SummaryLimits, over: threading.Event) -> None:
    """Give a child one job after the other and keep what it makes, until all is made or over."""
    worker = child.Worker(seconds=_SECONDS, memory=_MEMORY)
    try:
        for start in range(0, len(articles), _AT_ONCE):
            if over.is_set():
                return
            _ask(worker, articles[start : start + _AT_ONCE], limits)
    except (BadInput, OSError) as error:
        if over.is_set():  # it was ended because nobody needs it any more
            return
        from digest import logs  # a child needs none

        logs.get(__name__).warning("summaries are made without a child", why=str(error))
    finally:
        worker.close()


def _ask(worker: child.Worker, articles: Sequence[TitledText], limits: SummaryLimits) -> None:
    job, options = json.dumps(articles).encode(), asdict(limits)
    answer = worker.read(f"{__name__}:answer", job, options, item="summaries")
    for (title, text), told in zip(articles, json.loads(answer), strict=True):
        sentences = tuple(Sentence(*one) for one in told["sentences"])
        _MADE.keep(title, text, limits, Summary(told["text"], sentences, told["method"]))


def answer(job: bytes, **limits: int) -> bytes:
    """The child's side: JSON of summaries, for JSON of titles and texts."""
    most = SummaryLimits(**limits)
    return json.dumps([_told(title, text, most) for title, text in json.loads(job)]).encode()


def _told(title: str, text: str, limits: SummaryLimits) -> dict[str, Any]:
    made = _OWN.summarise(title, text, limits)
    sentences = [(one.text, one.start, one.end) for one in made.sentences]
    return {"text": made.text, "sentences": sentences, "method": made.method}
