from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.contracts import SourceContract
from digest.errors import BadInput, FetchError
from digest.model import DateSource, IncomingArticle
from digest.protocols import Collected, PollState, Source
from digest.sources import front_matter
from digest.sources.exports import ExportSource
from tests.sources import exports

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
BASE = "https://gazette.example/"


def poll(folder: Path, **files: str) -> Collected:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_md", ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source = ExportSource(
        key="notes", path=folder, base_url=BASE, kind="markdown", worker=exports.WORKER
    )
    return source.poll(PollState(), NOW)


def one(folder: Path, text: str, name: str = "goats_md") -> IncomingArticle:
    (article,) = poll(folder, **{name: text}).articles
    return article


YAML = """---
Title: "Goats &amp; boats"
date: 2026-11-24T10:00:00+01:00
author: Ann Ferris
categories: [Town, Sea]
tags: [goats]
image: /p.jpg
image_alt: A goat
lang: en
description: Two goats came.
---
## Sub

Two *goats* came.<script>x()</script>

- first
- second

{{< figure src="x.jpg" >}}
"""
TOML = '+++\ntitle = "Goats"\ndate = 2026-11-24T10:00:00Z\nauthors = ["Ann", "Bo"]\n+++\nText.\n'
JSON = '{"title": "Goats", "date": "2026-11-24", "cover": {"image": "/c.jpg"}}\nText.\n'


def test_yaml_at_the_head_tells_everything(tmp_path: Path) -> None:
    found = one(tmp_path, YAML)
    assert (found.source, found.source_id, found.title) == ("notes", "goats.md", "Goats & boats")
    assert found.text == "Sub\n\nTwo goats came.\n\nfirst\n\nsecond"
    assert (found.authors, found.section, found.tags) == (("Ann Ferris",), "Town", ("Sea", "goats"))
    assert found.published_at == dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    assert (found.language, found.teaser) == ("en", "Two goats came.")
    assert found.image is not None
    assert (found.image.url, found.image.alt) == ("https://gazette.example/p.jpg", "A goat")
    assert found.url == "https://gazette.example/goats/"


def test_toml_and_json_are_read_too(tmp_path: Path) -> None:
    found = poll(tmp_path, a_md=TOML, b_md=JSON).articles
    assert [article.title for article in found] == ["Goats", "Goats"]
    assert found[0].authors == ("Ann", "Bo")
    assert found[1].image is not None
    assert found[1].published_at == dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def test_without_front_matter_the_heading_is_the_title_and_the_name_the_date(
    tmp_path: Path,
) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts" / "2026-11-4-goats.md").write_text(
        "# Goats came\n\nText.\n\n![A goat](https://g.example/p.jpg)"
    )
    found = poll(tmp_path).articles[0]
    assert (found.title, found.text) == ("Goats came", "Text.")
    assert found.published_at == dt.datetime(2026, 11, 4, 12, tzinfo=dt.UTC)
    assert found.date_source is DateSource.FILE_NAME
    assert found.url == "https://gazette.example/goats/"
    assert found.image is not None


def test_a_date_that_nobody_told_is_none(tmp_path: Path) -> None:
    (tmp_path / "2026-13-45-x.md").write_text("# T\n\nText.")
    assert poll(tmp_path).articles[0].published_at is None


@pytest.mark.parametrize(
    "head",
    [
        "draft: true",
        "published: false",
        "date: 2026-11-27",
        "publishDate: 2027-01-01",
        "expiryDate: 2026-11-01",
    ],
)
def test_drafts_and_what_is_not_out_are_left(tmp_path: Path, head: str) -> None:
    collected = poll(tmp_path, x_md=f"---\ntitle: T\n{head}\n---\nText.")
    assert (collected.articles, collected.errors) == ((), ())


def test_a_folder_of_drafts_is_left(tmp_path: Path) -> None:
    assert poll(tmp_path, _drafts__x_md="# T\n\nText.").articles == ()


@pytest.mark.parametrize(
    ("head", "name", "url"),
    [
        ("permalink: /own/place/", "x_md", "https://gazette.example/own/place/"),
        ("permalink: /:year/:title/", "x_md", "https://gazette.example/x/"),
        ("url: https://gazette.example/abs", "x_md", "https://gazette.example/abs"),
        ("slug: goats", "content__sea__x_md", "https://gazette.example/sea/goats/"),
        ("a: b", "sea__goats__index_md", "https://gazette.example/sea/goats/"),
        ("permalink: 'javascript:x()'", "x_md", "https://gazette.example/x/"),
    ],
)
def test_an_articles_place_follows_its_own_word_or_its_file(
    tmp_path: Path, head: str, name: str, url: str
) -> None:
    assert one(tmp_path, f"---\ntitle: T\n{head}\n---\nText.", name).url == url


def test_the_folder_is_the_section_where_nothing_else_is(tmp_path: Path) -> None:
    assert one(tmp_path, "# T\n\nText.", "sea__x_md").section == "sea"


@pytest.mark.parametrize(
    "text", ["---\na: [\n---\nx", "+++\na = \n+++\nx", '{"a": \nx', "---\n- a\n---\nx", ""]
)
def test_a_broken_file_is_an_error_and_the_rest_go_on(tmp_path: Path, text: str) -> None:
    collected = poll(tmp_path, a_md=text, b_md=TOML)
    assert [error.item for error in collected.errors] == ["a.md"]
    assert len(collected.articles) == 1


def test_yaml_makes_no_objects() -> None:
    with pytest.raises(BadInput):
        front_matter.split("---\na: !!python/object/apply:os.system ['true']\n---\n", item="x")


def test_hexos_json_ends_in_semicolons() -> None:
    assert front_matter.split('{"Title": "T"};;;\nText', item="x") == ({"title": "T"}, "\nText")


def test_a_folder_that_is_not_there_is_a_fetch_error(tmp_path: Path) -> None:
    with pytest.raises(FetchError):
        poll(tmp_path / "none")


class TestMarkdown(SourceContract):
    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        exports.written(folder, goats_md=YAML, boats_md=TOML)
        yield ExportSource(
            key=self.key, path=folder, base_url=BASE, kind="markdown", worker=exports.WORKER
        )

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        place = folder / "none"
        yield ExportSource(key=self.key, path=place, kind="markdown", worker=exports.WORKER)
