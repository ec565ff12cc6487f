from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from digest.contracts import SourceContract
from digest.errors import FetchError
from digest.protocols import PollState, Source
from digest.sources.ghost import GhostSource
from tests.sources.web import LOOPBACK, Site

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
KEY = "0123456789abcdef0123456789"


class Anything(dict):  # type: ignore[type-arg]
    """Answers every path of the API in turn."""

    def get(self, path: str) -> Any:
        return self[min(self)] if len(self) == 1 else self.pop(min(self))


def serve(site: Site, *answers: object) -> None:
    whole = Anything()
    for number, answer in enumerate(answers):
        site.give(str(number), json.dumps(answer).encode())
        whole[str(number)] = site.answers[str(number)]
    site.answers = whole


def post(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"{number:024x}",
        "title": f"Story {number}",
        "html": "<p>Two goats came.</p>",
        "url": f"https://gazette.example/{number}/",
        "published_at": "2026-11-24T11:00:00.000+01:00",
        "authors": [{"name": "Ann"}],
        "tags": [{"name": "Town"}, {"name": "Goats"}],
        **more,
    }


def meta(page: int, pages: int) -> dict[str, object]:
    return {"pagination": {"page": page, "pages": pages}}


def source(site: Site) -> GhostSource:
    return GhostSource(key="site", url=site.url, api_key=KEY, allowed=LOOPBACK)


def test_all_pages_are_read_and_asked_for_by_their_days(site: Site) -> None:
    serve(
        site,
        {"posts": [post(1)], "meta": meta(1, 2)},
        {"posts": [post(2)], "meta": meta(2, 2)},
    )
    found = source(site).poll(PollState(), NOW)
    assert [article.title for article in found.articles] == ["Story 1", "Story 2"]
    first = found.articles[0]
    assert (first.authors, first.section, first.tags) == (("Ann",), "Town", ("Goats",))
    assert first.published_at == dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
    assert "2026-11-11+12%3A00%3A00" in site.asked[0][0]
    assert found.whole_since == NOW - dt.timedelta(days=15)


@pytest.mark.parametrize("answer", [{"errors": []}, [1], "x", {"posts": "x"}])
def test_what_is_no_answer_of_the_api_is_told_without_the_key(site: Site, answer: object) -> None:
    serve(site, answer)
    with pytest.raises(FetchError) as caught:
        source(site).poll(PollState(), NOW)
    assert KEY not in str(caught.value)


def test_a_wrong_key_is_told_without_it(site: Site) -> None:
    with pytest.raises(FetchError, match="404") as caught:
        source(site).poll(PollState(), NOW)
    assert KEY not in str(caught.value)


class TestGhost(SourceContract):
    @pytest.fixture(autouse=True)
    def _there(self, site: Site) -> None:
        self.site = site
        serve(
            site,
            {
                "posts": [post(1, html="<p>Salt &amp; <em>goats</em>.</p>"), post(2)],
                "meta": meta(1, 1),
            },
        )

    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        yield source(self.site)

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        serve(self.site, {"errors": [{"message": "Unknown Content API Key"}]})
        yield source(self.site)
