from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest import child
from digest.contracts import SourceContract
from digest.errors import BadInput, FetchError
from digest.model import DateSource
from digest.protocols import PollState, Source
from digest.sources import page_reader, pages
from digest.sources.pages import PagesSource, extract_lines, parse_page

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
TEXT = [
    f"The ferry number {n} left the quay at {n} o'clock with all the goats of the mole on board."
    for n in range(1, 9)
]
DUMP = "Ferry and goats leave the quay\n\n3 1\n\n" + "\n\n".join(TEXT) + "\n\nLeave a Reply\n"


def page(*more: str, title: str = "Ferry and goats leave the quay", head: str = "") -> bytes:
    body = "".join(f"<p>{text}</p>" for text in (*TEXT, *more))
    return f'<!doctype html><html lang="en"><head><title>{title} - G</title>{head}</head><body><nav><a href="/">Home</a></nav><article><h1>{title}</h1>{body}</article></body></html>'.encode()


def test_a_page_becomes_an_article_without_its_furniture() -> None:
    found = parse_page(
        page(
            "PICTURED: A goat. PC: Ann",
            "They all came back in the evening, as goats do. AF",
            "Please support us: here are all the ways to help.",
        ),
        url="https://gazette.example/2026/11/24/goats",
    )
    assert found.title == "Ferry and goats leave the quay"
    assert found.text.split("\n\n") == [*TEXT, "They all came back in the evening, as goats do."]
    assert [(one.text, one.credit) for one in found.captions] == [("A goat.", "Ann")]
    assert (found.language, found.url) == ("en", "https://gazette.example/2026/11/24/goats")
    assert found.published_at == dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def test_a_figures_caption_is_kept_apart() -> None:
    html = page().replace(
        b"</article>",
        b"<figure><img src='/p.jpg'><figcaption>A boat. Photo: Bo</figcaption></figure></article>",
    )
    found = page_reader.read(html)
    assert "A boat" not in found.text
    assert [(one.text, one.credit) for one in found.captions] == [("A boat.", "Bo")]


def test_a_page_that_the_extractor_cannot_read_gives_its_linked_text() -> None:
    body = " ".join(TEXT)
    script = json.dumps({"@type": "NewsArticle", "headline": "Goats", "articleBody": body})
    html = f'<html><head><script type="application/ld+json">{script}</script></head><body><p>Wait</p></body></html>'
    assert page_reader.read(html.encode()).text == body


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_bytes_are_decoded_whatever_they_are_in(encoding: str) -> None:
    html = page().decode().replace("quay", "café")
    assert "café" in page_reader.read(html.encode(encoding)).text


def test_plain_text_is_read_as_a_dump_whatever_the_files_name() -> None:
    found = parse_page(DUMP.encode(), url="https://gazette.example/goats")
    assert found.text.split("\n\n") == TEXT
    assert found.url == "https://gazette.example/goats"
    assert found.engagement[0].kind == "likes"


@pytest.mark.parametrize("data", [b"", b" \n", b"<html><body></body></html>"])
def test_a_page_without_an_article_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="page"):
        parse_page(data)


def test_a_page_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadInput, match="larger than 5 MB"):
        parse_page(b"x" * (pages.MOST_BYTES + 1))


def test_a_day_in_an_address_that_is_none_is_no_date() -> None:
    found = page_reader.read(page(), url="https://gazette.example/2026/13/45/goats")
    assert (found.published_at, found.date_source) == (None, DateSource.NONE)


def test_a_folder_gives_all_its_pages_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_bytes(page(title="Bees on the mole today"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a b.htm").write_bytes(
        page(head='<link rel="canonical" href="https://gazette.example/own">')
    )
    (tmp_path / "c.txt").write_text(DUMP)
    (tmp_path / "empty.html").write_bytes(b"")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    (tmp_path / ".hidden.html").write_bytes(page())
    collected = PagesSource(key="pages", folder=tmp_path, base_url="https://gazette.example/").poll(
        PollState(), NOW
    )
    assert [(one.source, one.source_id, one.url) for one in collected.articles] == [
        ("pages", "b.html", "https://gazette.example/b.html"),
        ("pages", "c.txt", "https://gazette.example/c"),
        ("pages", "sub/a b.htm", "https://gazette.example/own"),
    ]
    assert [error.item for error in collected.errors] == ["empty.html"]
    assert all(figure.taken_at == NOW for one in collected.articles for figure in one.engagement)


def test_a_folder_without_base_has_articles_without_links(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(DUMP)
    assert PagesSource(key="pages", folder=tmp_path).poll(PollState(), NOW).articles[0].url is None


def test_links_never_lead_out_of_the_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.html").write_bytes(page())
    (inside / "secret.html").symlink_to(outside / "secret.html")
    (inside / "door").symlink_to(outside)
    assert PagesSource(key="pages", folder=inside).poll(PollState(), NOW).articles == ()


def test_a_folder_that_is_not_there_is_a_fetch_error(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="no such folder"):
        PagesSource(key="pages", folder=tmp_path / "none").poll(PollState(), NOW)


def test_what_a_site_prints_under_every_page_is_learned(tmp_path: Path) -> None:
    line = "Every story of the week in one letter, at eight on Sundays, from the house by the quay."
    for number in range(4):
        own = [
            text.replace("ferry", f"ferry{number}").replace("goats", f"goats{number}")
            for text in TEXT
        ]
        (tmp_path / f"{number}.txt").write_text(
            f"Ferry {number} leaves the quay\n\n" + "\n\n".join([*own, line])
        )
    articles = PagesSource(key="pages", folder=tmp_path).poll(PollState(), NOW).articles
    assert len(articles) == 4
    assert not any(line in article.text for article in articles)


def test_a_page_that_hangs_is_an_error_and_the_rest_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = child.Worker(seconds=3)
    monkeypatch.setattr(child, "_SHARED", quick)
    many = " ".join(f"a{n}=1" for n in range(200_000))
    (tmp_path / "a.html").write_text(f"<html><body><p {many}>x</p></body></html>")
    (tmp_path / "b.html").write_bytes(page())
    collected = PagesSource(key="pages", folder=tmp_path).poll(PollState(), NOW)
    quick.close()
    assert [error.item for error in collected.errors] == ["a.html"]
    assert [article.source_id for article in collected.articles] == ["b.html"]


def test_lines_answer_each_object_and_a_bad_one_with_its_error(tmp_path: Path) -> None:
    html = page(head='<meta property="article:published_time" content="2026-11-24T10:00:00Z">')
    rating = json.dumps(
        {"@type": "NewsArticle", "aggregateRating": {"ratingValue": 4, "ratingCount": 2}}
    )
    html = html.replace(
        b"</head>", f'<script type="application/ld+json">{rating}</script></head>'.encode()
    )
    (tmp_path / "a.html").write_bytes(html)
    (tmp_path / "d.txt").write_text(DUMP + "\nHappy\n40 %\n")
    given: list[dict[str, object]] = [
        {"id": "a", "html_path": str(tmp_path / "a.html"), "url": "https://gazette.example/a"},
        {"id": "d", "html_path": str(tmp_path / "d.txt"), "url": None},
        {"id": "none", "html_path": str(tmp_path / "none.html")},
        {"html_path": 7},
    ]
    first, dump, *bad = json.loads(json.dumps(list(extract_lines(given))))
    assert (first["id"], first["date"], first["language"]) == (
        "a",
        "2026-11-24T10:00:00+00:00",
        "en",
    )
    assert first["rating"] == {"average": 4.0, "votes": 2}
    assert dump["reactions"] == {"happy": {"value": 40, "unit": "percent"}}
    assert (dump["likes"], dump["rating"]) == (3, None)
    assert [(one["id"], "error" in one) for one in bad] == [("none", True), (None, True)]


class TestPages(SourceContract):
    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        (folder / "goats.html").write_bytes(page())
        (folder / "ferry.txt").write_text(DUMP.replace("Ferry", "Another ferry"))
        yield PagesSource(key=self.key, folder=folder, base_url="https://gazette.example/")

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        yield PagesSource(key=self.key, folder=folder / "none")
