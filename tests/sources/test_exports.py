from __future__ import annotations

import datetime as dt
import json
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from digest import child
from digest.contracts import SourceContract
from digest.errors import FetchError
from digest.protocols import PollState, Source
from digest.sources.exports import ExportSource
from tests.sources import exports
from tests.sources.exports import read, written

BASE = "https://gazette.example"
SUBSTACK = """post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle,podcast_url
11.goats,2026-11-24T10:00:00.000Z,TRUE,,newsletter,everyone,"Goats, boats",Two came,
12.paid,2026-11-24T11:00:00.000Z,true,,newsletter,only_paid,For payers,What payers read,
13.draft,2026-11-24T10:00:00.000Z,FALSE,,newsletter,everyone,Draft,,
14.about,2026-11-24T10:00:00.000Z,TRUE,,page,everyone,About,,
15.ahead,2026-12-24T10:00:00.000Z,TRUE,,newsletter,everyone,Ahead,,
"""
FORM = '<p class="button-wrapper"><a href="https://g.example/subscribe">Subscribe now</a></p>'


def ghost(*posts: dict[str, Any], **tables: Any) -> str:
    shared = {"type": "post", "status": "published", "visibility": "public", "html": "<p>Text.</p>"}
    whole = [
        {"id": str(n), "slug": f"s{n}", "title": "T", **shared, **p} for n, p in enumerate(posts)
    ]
    return json.dumps({"db": [{"meta": {"version": "6.0"}, "data": {"posts": whole, **tables}}]})


def rest(**more: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "date": "2026-11-24T11:00:00",
        "date_gmt": "2026-11-24T10:00:00",
        "guid": {"rendered": "https://gazette.example/?p=7"},
        "status": "publish",
        "type": "post",
        "link": "https://gazette.example/goats/",
        "title": {"rendered": "Goats &#038; boats"},
        "content": {"rendered": "<p>Two goats came.</p>", "protected": False},
        "excerpt": {"rendered": "<p>Goats.</p>"},
        **more,
    }


def test_ghosts_posts_come_with_people_tags_and_whole_addresses(tmp_path: Path) -> None:
    text = ghost(
        {
            "title": "A < B",
            "html": '<p>Two goats.</p><img src="__GHOST_URL__/content/g.jpg" alt="A goat">',
            "published_at": "2026-11-24T10:00:00.000Z",
            "feature_image": "__GHOST_URL__/content/f.jpg",
        },
        users=[{"id": "a", "name": "Ann"}, {"id": "b", "name": "Bo"}],
        posts_authors=[
            {"post_id": "0", "author_id": "b", "sort_order": 1},
            {"post_id": "0", "author_id": "a", "sort_order": 0},
        ],
        tags=[{"id": "t", "name": "Town"}, {"id": "h", "name": "#hidden"}],
        posts_tags=[
            {"post_id": "0", "tag_id": "h", "sort_order": 0},
            {"post_id": "0", "tag_id": "t", "sort_order": 1},
        ],
    )
    (tmp_path / "g.json").write_text(text)
    (found,) = read(tmp_path / "g.json", base_url=BASE).articles
    assert (found.title, found.text, found.url) == ("A < B", "Two goats.", f"{BASE}/s0/")
    assert (found.authors, found.section, found.tags) == (("Ann", "Bo"), "Town", ())
    assert found.image is not None
    assert found.image.url == f"{BASE}/content/f.jpg"
    assert found.published_at == dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)


def test_ghosts_pages_drafts_and_later_posts_are_left(tmp_path: Path) -> None:
    text = ghost(
        {"type": "page"},
        {"page": 1},
        {"status": "draft"},
        {"status": "scheduled"},
        {"published_at": "2026-12-24T10:00:00Z"},
    )
    (tmp_path / "g.json").write_text(text)
    assert read(tmp_path / "g.json").articles == ()


def test_what_ghosts_members_pay_for_stays_theirs(tmp_path: Path) -> None:
    wall = "<p>For all.</p><!--members-only--><p>For payers.</p>"
    text = ghost(
        {"visibility": "paid", "html": wall},
        {"visibility": "members", "html": "<p>Secret.</p>", "custom_excerpt": "Shown."},
    )
    (tmp_path / "g.json").write_text(text)
    walled, closed = read(tmp_path / "g.json").articles
    assert (walled.text, closed.text, closed.is_excerpt) == ("For all.", "Shown.", True)


def test_a_saved_answer_of_wordpress_gives_its_posts(tmp_path: Path) -> None:
    embedded = {
        "author": [{"code": "rest_user_invalid_id", "message": "hidden"}],
        "wp:featuredmedia": [
            {"source_url": f"{BASE}/g.jpg", "media_details": {"width": 800, "height": "600"}}
        ],
        "wp:term": [
            [{"taxonomy": "category", "name": "Town"}],
            [{"taxonomy": "post_tag", "name": "Goats"}],
        ],
    }
    protected = rest(content={"rendered": "", "protected": True})
    given = [
        rest(_embedded=embedded, views="12"),
        rest(status="future"),
        rest(type="page"),
        protected,
        "x",
    ]
    (tmp_path / "posts.json").write_text(json.dumps(given))
    found = read(tmp_path / "posts.json")
    (article,) = found.articles
    assert (article.title, article.text, article.teaser) == (
        "Goats & boats",
        "Two goats came.",
        "Goats.",
    )
    assert (article.authors, article.section, article.tags) == ((), "Town", ("Goats",))
    assert article.image is not None
    assert (article.image.width, article.image.height) == (800, 600)
    assert [one.value for one in article.engagement] == [12]
    assert [error.reason for error in found.errors] == ["is behind a password", "is no object"]


def test_substack_gives_what_is_out_and_of_paid_posts_the_subtitle(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        posts_csv=SUBSTACK,
        **{
            "posts__11.goats_html": f"<p>Two goats came.</p>{FORM}",
            "posts__12.paid_html": "<p>Secret</p>",
        },
    )
    for place in (folder, folder / "posts.csv"):
        goats, paid = read(place, base_url=BASE).articles
        assert (goats.title, goats.text) == ("Goats, boats", "Two goats came.")
        assert (goats.url, goats.teaser) == (f"{BASE}/p/goats", "Two came")
        assert (paid.text, paid.is_excerpt) == ("What payers read", True)


def test_beehiiv_and_buttondown_give_what_was_sent(tmp_path: Path) -> None:
    beehiiv = """id,web_title,status,audience,content_tags,url,web_subtitle,content_html,created_at
a,Goats,confirmed,free,Town; Sea,https://g.example/p/goats,Two came,<p>Two goats.</p>,2026-11-24 10:00:00
b,Draft,draft,free,,https://g.example/p/b,,<p>x</p>,2026-11-24 10:00:00
"""
    (found,) = read(written(tmp_path / "a", posts_csv=beehiiv)).articles
    assert (found.section, found.tags, found.text) == ("Town", ("Sea",), "Two goats.")
    assert found.published_at == dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
    buttondown = "id,secondary_id,subject,publish_date,source,slug\nq,1,Goats,2026-11-24T10:00:00Z,app,goats\nr,2,Draft,,app,d\n"
    folder = written(tmp_path / "b", emails_csv=buttondown, emails__goats_md="Two *goats* came.")
    (found,) = read(folder, base_url=BASE).articles
    assert (found.text, found.url) == ("Two goats came.", f"{BASE}/archive/goats")


def test_medium_gives_its_stories_from_a_zip(tmp_path: Path) -> None:
    story = """<article class="h-entry"><header><h1 class="p-name">Goats</h1></header>
<section data-field="subtitle" class="p-summary">Two came.</section><section data-field="body" class="e-content">
<p>Two goats came.</p></section><footer><a class="p-author">Ann</a><a class="p-canonical" href="https://m.example/g">x</a>
<time class="dt-published" datetime="2026-11-24T10:00:00.000Z">x</time></footer></article>"""
    path = tmp_path / "medium.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("posts/2026-11-24_goats-1.html", story)
        archive.writestr("posts/draft_Later-2.html", story)
        archive.writestr("__MACOSX/posts/._x.html", "junk")
        archive.writestr("../../evil.html", story.replace("Goats", "Outside"))
    found = read(path)
    assert [article.title for article in found.articles] == ["Goats"]
    assert found.articles[0].text == "Two goats came."
    assert not (tmp_path.parent / "evil.html").exists()


def test_a_jekyll_site_is_read_from_a_tar_with_its_html_posts(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "site",
        **{
            "_posts__2026-11-24-goats_md": "---\ntitle: Goats\ncategories: Town Sea\ntags: a, b c\n---\nText.",
            "_posts__2026-11-23-boats_html": "---\ntitle: Boats\n---\n<p>Text of boats.</p>",
            "_drafts__later_md": "---\ntitle: Later\n---\nText.",
            "index_html": "<html><body>no post</body></html>",
        },
    )
    path = tmp_path / "site.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, arcname=".")
    found = {article.title: article for article in read(path).articles}
    assert set(found) == {"Goats", "Boats"}
    assert (found["Goats"].section, found["Goats"].tags) == ("Town", ("Sea", "a", "b c"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.json", b'{"a": 1}'),
        ("x.json", b"[" * 100_000),
        ("x.json", b"{broken"),
        ("x.csv", b"a,b\n1,2\n"),
        ("x.zip", b"PK\x03\x04broken"),
        ("x.tar.gz", b"\x1f\x8bbroken"),
        ("x.xml", b"<page>no export</page>"),
        ("x.bin", bytes(range(256))),
        ("x.json", b""),
    ],
)
def test_what_is_no_export_is_refused_with_the_reason(
    tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FetchError) as caught:
        read(tmp_path / name)
    assert caught.value.reason


def test_a_link_in_an_archive_or_folder_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n\nText.")
    folder = written(tmp_path / "notes", a_md="# Open\n\nText.")
    (folder / "b.md").symlink_to(secret)
    path = tmp_path / "notes.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, arcname="notes")
    for place in (folder, path):
        assert [article.title for article in read(place).articles] == ["Open"]


def test_an_item_that_hangs_is_named_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "---\ntitle: Deep\n---\n" + "<div><b>" * 240_000
    folder = written(tmp_path, a_md="# One\n\nText.", b_md=deep, c_md="# Three\n\nText.")
    worker = child.Worker(seconds=1, memory=700_000_000)
    try:
        source = ExportSource(key="old", path=folder, kind="markdown", worker=worker)
        found = source.poll(PollState(), exports.NOW)
    finally:
        worker.close()
    assert [article.title for article in found.articles] == ["One", "Three"]
    assert [error.reason for error in found.errors] == [
        "could not be read in the time and memory that it may take"
    ]


def test_progress_is_told_from_nothing_to_all(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    folder = written(tmp_path, a_md="# One\n\nText.", b_md="# Two\n\nText.")
    source = ExportSource(
        key="old",
        path=folder,
        worker=exports.WORKER,
        progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    source.poll(PollState(), exports.NOW)
    assert (told[0], told[-1]) == (("read", 0, 2), ("read", 2, 2))


def test_a_file_that_did_not_change_is_read_once_a_day(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# One\n\nText.")
    source = ExportSource(key="old", path=path, worker=exports.WORKER)
    first = source.poll(PollState(), exports.NOW)
    again = source.poll(first.state, exports.NOW)
    tomorrow = source.poll(first.state, exports.NOW + dt.timedelta(days=1))
    path.write_text("# Two\n\nText of two.")
    changed = source.poll(first.state, exports.NOW)
    counts = [len(one.articles) for one in (first, again, tomorrow, changed)]
    assert counts == [1, 0, 1, 1]


class TestExport(SourceContract):
    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        posts = (
            {"html": "<p>Salt &amp; <em>goats</em>.</p>", "published_at": "2026-11-24T10:00:00Z"},
            {"title": "Boats"},
        )
        (folder / "ghost.json").write_text(ghost(*posts))
        path = folder / "ghost.json"
        yield ExportSource(key=self.key, path=path, base_url=BASE, worker=exports.WORKER)

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        yield ExportSource(key=self.key, path=folder / "none.zip", worker=exports.WORKER)
