"""What every source must do: whole articles that are known again, nothing half told, and one error where there is none."""

from __future__ import annotations

import datetime as dt
import re
from abc import abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest

from digest.errors import FetchError
from digest.model import DateSource, IncomingArticle
from digest.protocols import Collected, PollState, Source, Verifies
from digest.storable import storable
from digest.store.incoming import checked

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


class SourceContract:
    """Subclass it: `source` makes one called `site` with at least two stories, `lost` one whose place is not there."""

    now = NOW
    key = "site"

    @abstractmethod
    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        """A source of stories of the days before `now`; each call makes a new one of the same place."""
        raise NotImplementedError

    @abstractmethod
    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        """A source that can give nothing: no server, no file."""
        raise NotImplementedError

    def polled(self, folder: Path, state: PollState | None = None) -> Collected:
        """What it gives in a thread of its own, as it is asked in earnest."""
        with self.source(folder) as source, ThreadPoolExecutor(1) as pool:
            return pool.submit(source.poll, state or PollState(), self.now).result()

    def test_it_is_called_as_the_schedule_says(self, tmp_path: Path) -> None:
        with self.source(tmp_path) as source:
            assert source.key == self.key
        assert {one.source for one in self.polled(tmp_path).articles} == {self.key}

    def test_its_stories_can_be_stored(self, tmp_path: Path) -> None:
        found = self.polled(tmp_path)
        assert len(found.articles) >= 2
        for article in found.articles:
            checked(article)  # raises BadInput
            assert article.text.strip()
            assert article.url is None or re.match(r"https?://[^/]", article.url)

    def test_a_story_is_text_without_markup(self, tmp_path: Path) -> None:
        for article in self.polled(tmp_path).articles:
            whole = f"{article.title}\n{article.text}\n{article.teaser or ''}"
            assert not re.search(r"</?(p|div|span|br|a|img|em|strong|script)\b", whole, re.I)
            assert not re.search(r"&(amp|lt|gt|quot|nbsp|#\d+);", whole)

    def test_two_stories_are_never_one(self, tmp_path: Path) -> None:
        known = [_identity(one) for one in self.polled(tmp_path).articles]
        assert len(set(known)) == len(known)

    def test_a_date_is_told_with_its_zone_and_never_guessed(self, tmp_path: Path) -> None:
        for article in self.polled(tmp_path).articles:
            if article.published_at is None:
                assert article.date_source is DateSource.NONE
            else:
                assert article.published_at.tzinfo is not None
                assert article.published_at <= self.now, "what is dated later is not out"
                assert article.date_source is not DateSource.NONE

    def test_no_figure_is_from_later_than_now(self, tmp_path: Path) -> None:
        for article in self.polled(tmp_path).articles:
            times = [one.taken_at for one in article.engagement]
            assert all(one is None or one <= self.now for one in times)

    def test_the_same_place_gives_the_same_stories(self, tmp_path: Path) -> None:
        assert self.polled(tmp_path).articles == self.polled(tmp_path).articles

    def test_asked_again_it_gives_nothing_new(self, tmp_path: Path) -> None:
        first = self.polled(tmp_path)
        again = self.polled(tmp_path, first.state)
        assert {_identity(one) for one in again.articles} <= {
            _identity(one) for one in first.articles
        }
        third = self.polled(tmp_path, again.state)
        assert len(third.articles) <= len(first.articles)

    def test_what_it_remembers_can_be_kept(self, tmp_path: Path) -> None:
        state = self.polled(tmp_path).state
        kept = [getattr(state, one.name) for one in fields(state)]
        assert all(one is None or (type(one) is str and storable(one) == one) for one in kept)

    def test_it_says_from_when_it_is_whole_with_a_zone_or_not_at_all(self, tmp_path: Path) -> None:
        since = self.polled(tmp_path).whole_since
        assert since is None or (since.tzinfo is not None and since <= self.now)

    def test_where_nothing_can_be_had_it_says_so(self, tmp_path: Path) -> None:
        with self.lost(tmp_path) as source, pytest.raises(FetchError) as caught:
            source.poll(PollState(), self.now)
        assert caught.value.reason

    def test_whether_a_page_is_there_is_answered_and_never_raised(self, tmp_path: Path) -> None:
        with self.lost(tmp_path) as source:
            if isinstance(source, Verifies):
                for url in ("", "no address", "https://gazette.invalid/goats"):
                    assert source.is_missing(url) in (True, False)


def _identity(article: IncomingArticle) -> str:
    return article.source_id or article.url or ""
