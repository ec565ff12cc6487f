"""An export of another system as a source: WordPress, Ghost, newsletter services, Markdown, pages.

Read in the child process a batch at a time. A batch that takes too much time or memory is read again item
by item, so that the one at fault is found, named and left, and costs no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from digest import child
from digest.errors import BadInput, FetchError
from digest.model import IncomingArticle
from digest.protocols import Collected, PollState, Progress, silent
from digest.sources import boilerplate, pages
from digest.sources.feeds import FeedSource
from digest.sources.items import BATCH, ORDER, Batch, Order

_READER = "digest.sources.export_reader:answer"
#: Seconds that one call may take, an item that hangs included.
SECONDS = 30.0
_EVER = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
#: Items of one call, and seconds after which none is begun.
_MOST, _BEGIN_S = 200, 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSource:
    """A file, archive or folder of an export. base_url: the site's address, where the export holds none.

    kind: whose export it is; None = it shows. worker: the child that reads it; None = one of its own.
    """

    key: str
    path: Path
    base_url: str | None = None
    kind: str | None = None
    progress: Progress = silent
    worker: child.Worker | None = None

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """Every article that is out; of a feed, its entries. Raises FetchError where there is no export."""
        articles: list[IncomingArticle] = []
        errors: list[BadInput] = []
        for batch in self.batches(now):
            if batch.kind == "feed":
                return FeedSource(key=self.key, path=self.path, full_text=False).poll(state, now)
            articles += [self._of_source(article, now) for article in batch.articles]
            errors += [BadInput(item, reason) for item, reason in batch.errors]
        whole = _EVER if self.kind == "markdown" and not errors else None
        return Collected(boilerplate.cleaned(articles), tuple(errors), whole_since=whole)

    def batches(self, now: dt.datetime) -> Iterator[Batch]:
        """The export in pieces, for as long as they last. Raises FetchError where it is none."""
        order = Order(str(self.path.resolve()), now, self.base_url, self.kind)
        with _living(self.worker) as worker:
            told = self._told(_Ask(worker, order))
            total, done = told.total, 0
            yield told
            while done < total:
                for batch in _batches(_Ask(worker, order), done):
                    self.progress("read", done, total)
                    done += batch.done
                    yield batch
            self.progress("read", total, total)

    def _told(self, ask: _Ask) -> Batch:
        try:
            return ask(0, 0)
        except BadInput as error:
            raise FetchError(str(self.path), error.reason) from error

    def _of_source(self, article: IncomingArticle, now: dt.datetime) -> IncomingArticle:
        """As this source's; what has neither id nor address is known by its title and day."""
        found = pages.of_source(article, self.key, now)
        if found.source_id or found.url:
            return found
        day = found.published_at.date().isoformat() if found.published_at else "undated"
        return replace(found, source_id=f"{day}: {found.title[:200]}")


@dataclass(frozen=True, slots=True)
class _Ask:
    """Asks the child for a batch."""

    worker: child.Worker
    order: Order

    def __call__(self, start: int, most: int) -> Batch:
        options = {
            "order": ORDER.dump_json(self.order).decode(),
            "start": start,
            "most": most,
            "seconds": _BEGIN_S,
        }
        return BATCH.validate_json(
            self.worker.read(_READER, b"", options, item=Path(self.order.path).name)
        )


def _batches(ask: _Ask, start: int) -> Iterator[Batch]:
    """A batch; where the child had to be ended, single items up to the one at fault, which is told."""
    try:
        yield ask(start, _MOST)
    except BadInput:
        for place in range(start, start + _MOST):
            try:
                batch = ask(place, 1)
            except BadInput as error:
                fault = (f"{error.item}: item {place + 1}", error.reason)
                yield Batch("", place + 1, 1, errors=(fault,))
                return
            if not batch.done:
                return
            yield batch


@contextmanager
def _living(given: child.Worker | None) -> Iterator[child.Worker]:
    """A child of its own unless one is given: a long import keeps nobody waiting."""
    if given is not None:
        yield given
        return
    worker = child.Worker(seconds=SECONDS)
    try:
        yield worker
    finally:
        worker.close()
