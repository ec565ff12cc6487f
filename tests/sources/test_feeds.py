from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.contracts import SourceContract
from digest.errors import BadInput, FetchError
from digest.model import DateSource
from digest.protocols import Collected, PollState, Source
from digest.sources import feeds
from digest.sources.feeds import FeedSource, feed_lines, parse_feed
from tests.sources.web import LOOPBACK, Site

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
WORDS = "The harbour office said that the boats will leave every hour from Monday on. "


def rss(*items: str) -> bytes:
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>G</title>'
    return (head + "".join(f"<item>{item}</item>" for item in items) + "</channel></rss>").encode()


def excerpt(link: str, title: str = "Goats on the mole") -> str:
    return (
        f"<title>{title}</title><link>{link}</link><guid>{title}</guid><category>Town</category>"
        "<pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate><slash:comments>5</slash:comments>"
        "<description>&lt;p&gt;Two goats came […]&lt;/p&gt;"
        f"&lt;p&gt;The post {title} appeared first on The Gazette.&lt;/p&gt;</description>"
    )


def full(title: str, text: str) -> str:
    return f"<title>{title}</title><guid>{title}</guid><content:encoded><![CDATA[{text}]]></content:encoded>"


def page(text: str = WORDS * 6) -> bytes:
    return (
        '<html lang="en"><head><title>Goats on the mole</title>'
        '<meta property="article:section" content="Country"></head><body><article><h1>Goats on the mole</h1>'
        f'<p>{text}</p><p>{text} Later.</p><span class="twp-like-count">7</span></article></body></html>'
    ).encode()


def test_a_full_entry_becomes_an_article(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    body = f"<p>{WORDS * 4}</p><figure><img src='https://g.example/p.jpg'><figcaption>A goat. Photo: Ann</figcaption></figure>"
    path.write_bytes(rss(full("Goats", body)))
    (article,) = FeedSource(key="site", path=path).poll(PollState(), NOW).articles
    assert (article.source, article.source_id, article.title) == ("site", "Goats", "Goats")
    assert article.text == (WORDS * 4).strip()
    assert article.captions[0].text == "A goat."
    assert article.image is not None
    assert (article.published_at, article.date_source) == (None, DateSource.NONE)


def test_an_excerpt_takes_its_page_from_beside_the_feeds_file(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(rss(excerpt("https://gazette.example/town/goats/")))
    (tmp_path / "goats.html").write_bytes(page())
    (article,) = FeedSource(key="site", path=tmp_path / "feed.xml").poll(PollState(), NOW).articles
    assert article.text.count("harbour office") == 12
    assert (article.section, article.title) == ("Country", "Goats on the mole")
    assert {one.kind: one.value for one in article.engagement} == {"likes": 7, "comments": 5}
    assert all(one.taken_at == NOW for one in article.engagement)
    assert article.published_at == dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
    assert article.teaser == "Two goats came"


def test_without_full_text_or_page_the_excerpt_stands_without_its_tail(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(rss(excerpt("https://gazette.example/town/goats/")))
    for wish in (True, False):
        (article,) = (
            FeedSource(key="site", path=path, full_text=wish).poll(PollState(), NOW).articles
        )
        assert article.text == "Two goats came"


def test_a_link_never_leads_out_of_the_feeds_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "goats.html").write_bytes(page())
    (inside / "goats.html").symlink_to(tmp_path / "goats.html")
    links = ("https://g.example/%2e%2e%2fgoats", "https://g.example/goats")
    (inside / "feed.xml").write_bytes(rss(*(excerpt(link, f"T {link}") for link in links)))
    collected = FeedSource(key="site", path=inside / "feed.xml").poll(PollState(), NOW)
    assert [article.text for article in collected.articles] == ["Two goats came"] * 2


def test_an_excerpt_takes_its_page_from_the_web(site: Site) -> None:
    site.give(
        "/feed", rss(excerpt(f"{site.url}/goats"), excerpt(f"{site.url}/gone", "Gone")), ETag='"1"'
    )
    site.give("/goats", page())
    source = FeedSource(key="site", url=f"{site.url}/feed", allowed=LOOPBACK)
    collected = source.poll(PollState(), NOW)
    assert [len(article.text) > 100 for article in collected.articles] == [True, False]
    assert "the excerpt is kept" in collected.errors[0].reason
    assert collected.state.etag == '"1"'


def texts(collected: Collected) -> dict[str, int]:
    """How long each article's text is; nought for an excerpt."""
    return {a.title: 0 if a.is_excerpt else len(a.text) for a in collected.articles}


def pages_asked(site: Site) -> list[str]:
    """The pages that were asked for since the last time this was asked."""
    asked = [path for path, _ in site.asked if path != "/feed"]
    site.asked.clear()
    return asked


def test_a_page_that_fails_once_is_read_with_the_next_poll_and_alone(site: Site) -> None:
    body = rss(excerpt(f"{site.url}/a", "A"), excerpt(f"{site.url}/b", "B"))
    site.give("/feed", body, ETag='"1"')
    site.give("/a", page())
    site.give("/b", status=503)
    source = FeedSource(key="site", url=f"{site.url}/feed", allowed=LOOPBACK)
    first = source.poll(PollState(), NOW)
    assert (texts(first)["A"] > 100, texts(first)["B"]) == (True, 0)
    assert (first.state.etag, pages_asked(site)) == (None, ["/a", "/b"])
    site.give("/b", page())
    second = source.poll(first.state, NOW)
    assert (texts(second)["A"], texts(second)["B"] > 100) == (0, True)
    assert (second.state.etag, pages_asked(site)) == ('"1"', ["/b"])
    assert source.poll(second.state, NOW).articles == ()


def test_a_feed_that_changed_is_read_whole_beginning_with_what_was_left(site: Site) -> None:
    entries = [excerpt(f"{site.url}/{name}", name) for name in "abc"]
    site.give("/feed", rss(*entries))
    for name in "ab":
        site.give(f"/{name}", page())
    site.give("/c", status=503)
    source = FeedSource(key="site", url=f"{site.url}/feed", allowed=LOOPBACK)
    first = source.poll(PollState(), NOW)
    pages_asked(site)
    site.give("/feed", rss(excerpt(f"{site.url}/new", "new"), *entries))
    source.poll(first.state, NOW)
    assert pages_asked(site) == ["/c", "/new", "/a", "/b"]


def test_entries_past_a_polls_pages_are_read_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_PAGES", 2)
    site.give("/feed", rss(*(excerpt(f"{site.url}/{name}", name) for name in "abcde")))
    for name in "abcde":
        site.give(f"/{name}", page())
    source = FeedSource(key="site", url=f"{site.url}/feed", allowed=LOOPBACK)
    state, asked = PollState(), []
    for _ in range(4):
        state = source.poll(state, NOW).state
        asked.append(pages_asked(site))
    assert asked == [["/a", "/b"], ["/c", "/d"], ["/e"], []]


def test_pages_that_keep_failing_do_not_keep_the_others_waiting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_PAGES", 2)
    site.give("/feed", rss(*(excerpt(f"{site.url}/{name}", name) for name in "abcd")))
    for name in "abcd":
        site.give(f"/{name}", page(), status=503 if name in "ab" else 200)
    source = FeedSource(key="site", url=f"{site.url}/feed", allowed=LOOPBACK)
    state, asked = PollState(), []
    for _ in range(3):
        state = source.poll(state, NOW).state
        asked.append(pages_asked(site))
    assert asked == [["/a", "/b"], ["/c", "/d"], ["/a", "/b"]]


def test_a_feed_in_a_file_comes_to_every_page_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_PAGES", 1)
    path = tmp_path / "feed.xml"
    path.write_bytes(rss(*(excerpt(f"https://g.example/{name}", name) for name in "ab")))
    for name in "ab":
        (tmp_path / f"{name}.html").write_bytes(page())
    source = FeedSource(key="site", path=path)
    first = source.poll(PollState(), NOW)
    second = source.poll(first.state, NOW)
    assert [one for one, size in texts(first).items() if size] == ["a"]
    assert [one for one, size in texts(second).items() if size] == ["b"]


def test_a_page_with_less_than_its_entry_leaves_an_excerpt(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(
        rss(
            f"<title>T</title><link>https://g.example/t</link><description>{WORDS * 9}</description>"
        )
    )
    (tmp_path / "t.html").write_bytes(page(WORDS))
    (article,) = FeedSource(key="s", path=tmp_path / "feed.xml").poll(PollState(), NOW).articles
    assert (article.text, article.is_excerpt) == ((WORDS * 9).strip(), True)


def test_a_relative_link_in_a_file_is_no_address(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(rss(excerpt("/goats")))
    (tmp_path / "goats.html").write_bytes(page())
    (article,) = FeedSource(key="s", path=tmp_path / "feed.xml").poll(PollState(), NOW).articles
    assert (article.url, article.text) == (None, "Two goats came")


def test_a_feed_that_moved_is_read_where_it_is(site: Site) -> None:
    site.give("/old", status=301, Location="/new")
    site.give("/new", rss(full("A", WORDS)))
    collected = FeedSource(key="s", url=f"{site.url}/old", allowed=LOOPBACK).poll(PollState(), NOW)
    assert len(collected.articles) == 1


def test_a_move_that_is_told_twice_is_believed_and_the_schedule_can_undo_it(site: Site) -> None:
    site.give("/old", status=301, Location="/new")
    site.give("/new", rss(full("A", WORDS)), ETag='"1"')
    source = FeedSource(key="s", url=f"{site.url}/old", allowed=LOOPBACK)
    state = PollState()
    for _ in range(3):
        state = source.poll(state, NOW).state
    assert [path for path, _ in site.asked] == ["/old", "/new", "/old", "/new", "/new"]
    site.asked.clear()
    other = FeedSource(key="s", url=f"{site.url}/third", allowed=LOOPBACK)
    site.give("/third", rss(full("B", WORDS)))
    other.poll(state, NOW)
    assert [path for path, _ in site.asked] == ["/third"]


def test_where_the_new_place_is_gone_the_declared_one_is_asked_again(site: Site) -> None:
    site.give("/old", rss(full("A", WORDS)))
    source = FeedSource(key="s", url=f"{site.url}/old", allowed=LOOPBACK)
    state = PollState(moved=f"2 {site.url}/old {site.url}/new")
    collected = source.poll(state, NOW)
    assert (len(collected.articles), collected.state.moved) == (1, None)


def test_a_feed_by_date_says_from_when_on_it_is_whole(site: Site) -> None:
    dated = full("A", WORDS) + "<pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate>"
    later = full("B", WORDS) + "<pubDate>Wed, 25 Nov 2026 10:00:00 GMT</pubDate>"
    site.give("/feed", rss(dated, later))
    site.give("/undated", rss(dated, later, full("C", WORDS)))
    whole = FeedSource(key="s", url=f"{site.url}/feed", allowed=LOOPBACK).poll(PollState(), NOW)
    assert whole.whole_since == dt.datetime(2026, 11, 24, 10, 0, 1, tzinfo=dt.UTC)
    loose = FeedSource(key="s", url=f"{site.url}/undated", allowed=LOOPBACK)
    assert loose.poll(PollState(), NOW).whole_since is None
    assert loose.is_missing(f"{site.url}/nowhere")
    assert not loose.is_missing(f"{site.url}/feed")


def test_nothing_new_gives_nothing_and_keeps_the_state(site: Site) -> None:
    site.give("/feed", rss(full("A", WORDS)))
    source = FeedSource(key="site", url=f"{site.url}/feed", allowed=LOOPBACK)
    first = source.poll(PollState(), NOW)
    again = source.poll(first.state, NOW)
    assert (len(first.articles), again.articles, again.state) == (1, (), first.state)


@pytest.mark.parametrize("body", [b"<html><p>Sorry</p></html>", b""])
def test_what_is_no_feed_is_a_fetch_error(site: Site, body: bytes) -> None:
    site.give("/feed", body)
    with pytest.raises(FetchError, match="no feed"):
        FeedSource(key="site", url=f"{site.url}/feed", allowed=LOOPBACK).poll(PollState(), NOW)


def test_a_file_that_is_not_there_is_a_fetch_error(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="cannot be read"):
        FeedSource(key="site", path=tmp_path / "none.xml").poll(PollState(), NOW)


def test_a_date_in_the_future_is_no_date(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(
        rss(
            "<title>T</title><description>x</description><pubDate>Tue, 24 Nov 2099 10:00:00 GMT</pubDate>"
        )
    )
    (article,) = FeedSource(key="site", path=path).poll(PollState(), NOW).articles
    assert (article.published_at, article.date_source) == (None, DateSource.NONE)


def test_what_recurs_under_every_entry_is_learned(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(
        rss(
            *(
                full(
                    f"T{n}",
                    f"<p>{n} boats {n} came to the quay {n}.</p><p>A line of the house.</p>",
                )
                for n in range(4)
            )
        )
    )
    articles = FeedSource(key="site", path=path, full_text=False).poll(PollState(), NOW).articles
    assert not any("line of the house" in article.text for article in articles)


def test_an_entry_without_id_and_link_keeps_one_name(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(rss("<title>A</title>", "<title>B</title>", "<description>C</description>"))
    names = [
        [one.source_id for one in FeedSource(key="s", path=path).poll(PollState(), NOW).articles]
        for _ in range(2)
    ]
    assert names[0] == names[1]
    assert len(set(names[0])) == 3


def test_a_feed_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadInput, match="larger than 10 MB"):
        parse_feed(b" " * (feeds.MOST_BYTES + 1))


def test_lines_answer_each_object_and_a_bad_one_with_its_error(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(rss(excerpt("https://gazette.example/goats")))
    (tmp_path / "b.xml").write_bytes(b"nothing")
    given: list[dict[str, object]] = [
        {"id": "a", "feed_path": str(tmp_path / "a.xml"), "url": None, "content_type": "text/xml"},
        {"id": "b", "feed_path": str(tmp_path / "b.xml"), "url": "https://gazette.example/"},
        {"id": "c", "feed_path": str(tmp_path / "none.xml")},
        {"feed_path": 7},
    ]
    good, *bad = feed_lines(given)
    assert json.loads(json.dumps(good))["entries"][0]["published"] == "2026-11-24T10:00:00+00:00"
    assert [(one["id"], "error" in one) for one in bad] == [("b", True), ("c", True), (None, True)]


class TestFeedByAddress(SourceContract):
    @pytest.fixture(autouse=True)
    def _there(self, site: Site) -> None:
        self.site = site
        items = [full(name, f"<p>{name} &amp; boats. {WORDS * 3}</p>") for name in ("One", "Two")]
        dated = excerpt("https://gazette.example/town/goats/")
        site.give("/feed", rss(*items, dated), ETag='"1"', Content_Type="application/rss+xml")

    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        url = f"{self.site.url}/feed"
        yield FeedSource(key=self.key, url=url, full_text=False, allowed=LOOPBACK)

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        yield FeedSource(key=self.key, url=f"{self.site.url}/none", allowed=LOOPBACK)


class TestFeedByPath(SourceContract):
    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        (folder / "goats.html").write_bytes(page())
        items = (full("One", f"<p>{WORDS * 3}</p>"), excerpt("https://gazette.example/town/goats/"))
        (folder / "feed.xml").write_bytes(rss(*items))
        yield FeedSource(key=self.key, path=folder / "feed.xml")

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        yield FeedSource(key=self.key, path=folder / "none.xml")
