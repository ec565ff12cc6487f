from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from digest.model import Engagement, IncomingArticle, Unit
from digest.protocols import Collected
from tests.sources import exports

HEAD = """<?xml version="1.0" encoding="UTF-8"?><!-- <item> in a comment --><rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Gazette</title><language>en-GB</language>
<wp:author><wp:author_login>dot</wp:author_login><wp:author_email>dot@gazette.example</wp:author_email>
<wp:author_display_name><![CDATA[Dot Rennick]]></wp:author_display_name></wp:author>"""
POST = """<title>Goats &amp; boats</title><link>https://gazette.example/goats/</link><dc:creator>dot</dc:creator>
<guid isPermaLink="false">https://gazette.example/?p=7</guid><wp:post_id>7</wp:post_id>
<wp:post_date>2026-11-24 11:00:00</wp:post_date><wp:post_date_gmt>2026-11-24 10:00:00</wp:post_date_gmt>"""
OUT = "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>"


def export(folder: Path, *items: str, head: str = HEAD) -> Collected:
    path = folder / "export.xml"
    body = "".join(f"<item>{item}</item>" for item in items)
    path.write_bytes(f"{head}{body}</channel></rss>".encode("utf-8", "surrogateescape"))
    return exports.read(path)


def one(folder: Path, *parts: str) -> IncomingArticle:
    found = export(folder, POST + OUT + "".join(parts))
    assert not found.errors
    (article,) = found.articles
    return article


def content(html: str) -> str:
    return f"<content:encoded><![CDATA[{html}]]></content:encoded>"


def field(key: str, value: str) -> str:
    return f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>"


def test_a_post_gives_everything(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        content("<!-- wp:paragraph --><p>Two goats came.</p><!-- /wp:paragraph -->"),
        "<excerpt:encoded>Goats.</excerpt:encoded>",
        '<category domain="category"><![CDATA[Town]]></category>',
        '<category domain="post_tag">Goats</category><category domain="nav_menu">Top</category>',
    )
    assert (found.title, found.text, found.teaser) == (
        "Goats & boats",
        "Two goats came.",
        "Goats.",
    )
    assert (found.url, found.source_id) == (
        "https://gazette.example/goats/",
        "https://gazette.example/?p=7",
    )
    assert found.published_at == dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
    assert (found.authors, found.section, found.tags) == (("Dot Rennick",), "Town", ("Goats",))
    assert found.language == "en-GB"


@pytest.mark.parametrize(
    "state",
    [
        "<wp:status>draft</wp:status><wp:post_type>post</wp:post_type>",
        "<wp:status>private</wp:status><wp:post_type>post</wp:post_type>",
        "<wp:status>future</wp:status><wp:post_type>post</wp:post_type>",
        "<wp:status>publish</wp:status><wp:post_type>page</wp:post_type>",
        "<wp:status>publish</wp:status><wp:post_type>nav_menu_item</wp:post_type>",
        "<wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type>",
    ],
)
def test_what_is_no_post_or_not_out_is_left(tmp_path: Path, state: str) -> None:
    found = export(tmp_path, POST + state)
    assert (found.articles, found.errors) == ((), ())


def test_a_date_ahead_is_not_out_and_a_password_is_told(tmp_path: Path) -> None:
    ahead = POST.replace("2026-11-24 10", "2026-11-27 10") + OUT
    locked = POST + OUT + "<wp:post_password>open</wp:post_password>"
    found = export(tmp_path, ahead, locked)
    assert found.articles == ()
    assert [str(error) for error in found.errors] == ["Goats & boats: is behind a password"]


def test_zeros_for_a_date_leave_the_date_of_the_feed(tmp_path: Path) -> None:
    zeros = POST.replace("2026-11-24 10:00:00", "0000-00-00 00:00:00")
    zeros += "<pubDate>Mon, 23 Nov 2026 09:00:00 +0100</pubDate>"
    (found,) = export(tmp_path, zeros + OUT).articles
    assert found.published_at == dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


def test_classic_text_has_paragraphs_captions_and_no_shortcodes(tmp_path: Path) -> None:
    html = """Two goats came.

[caption id="a" width="300"]<img src="/g.jpg" alt="A goat" /> The older goat. PC: Ann Ferris[/caption]
[gallery ids="1,2"]

They [sic] stayed."""
    found = one(tmp_path, content(html))
    assert found.text == "Two goats came.\n\nThey [sic] stayed."
    assert [caption.text for caption in found.captions] == ["The older goat."]
    assert found.image is not None
    assert found.image.url == "https://gazette.example/g.jpg"


def test_a_featured_picture_may_lie_in_another_file(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    picture = """<title>g</title><wp:post_id>9</wp:post_id><wp:status>inherit</wp:status>
<wp:post_type>attachment</wp:post_type><wp:attachment_url>https://gazette.example/g.jpg</wp:attachment_url>"""
    (folder / "2.xml").write_text(f"{HEAD}<item>{picture}</item></channel></rss>")
    post = POST + OUT + field("_thumbnail_id", "9")
    (folder / "1.xml").write_text(f"{HEAD}<item>{post}</item></channel></rss>")
    (found,) = exports.read(folder).articles
    assert found.image is not None
    assert found.image.url == "https://gazette.example/g.jpg"


def test_signs_of_readers_are_counted_and_readers_are_not_kept(tmp_path: Path) -> None:
    def comment(approved: str, kind: str, stars: str = "") -> str:
        rating = f"<wp:commentmeta><wp:meta_key>rating</wp:meta_key><wp:meta_value>{stars}</wp:meta_value></wp:commentmeta>"
        return f"""<wp:comment><wp:comment_author>Reader</wp:comment_author>
<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP><wp:comment_approved>{approved}</wp:comment_approved>
<wp:comment_type>{kind}</wp:comment_type>{rating if stars else ""}</wp:comment>"""

    found = one(
        tmp_path,
        field("twp_be_react_4", "3") + field("twp_be_post_views_count", "120"),
        field("twp_be_ip_address_react_4", "192.0.2.7") + field("views", "no number"),
        comment("1", "comment", "5") + comment("1", "", "2") + comment("0", "comment", "1"),
        comment("1", "pingback") + comment("spam", "comment"),
    )
    assert set(found.engagement) == {
        Engagement("reaction:angry", 3, taken_at=exports.NOW),
        Engagement("views", 120, taken_at=exports.NOW),
        Engagement("comments", 2, taken_at=exports.NOW),
        Engagement("rating", 3.5, Unit.AVERAGE, n=2, taken_at=exports.NOW),
    }
    assert "192.0.2.7" not in repr(found)


def test_co_authors_go_before_the_login_and_an_address_is_no_name(tmp_path: Path) -> None:
    both = one(
        tmp_path,
        '<category domain="author">dot</category><category domain="author">Ann Ferris</category>',
    )
    assert both.authors == ("Dot Rennick", "Ann Ferris")
    mail = POST.replace("<dc:creator>dot<", "<dc:creator>x@gazette.example<")
    assert export(tmp_path, mail + OUT).articles[0].authors == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<![CDATA[a ]]]]><![CDATA[> b]]>", "a ]]> b"),
        ("<![CDATA[has </item><item> in it]]>", "has in it"),
        ("salt & pepper &nbsp; caf&eacute; &bogus;", "salt & pepper café &bogus;"),
        ("<![CDATA[bell \x07 and \x1b rings]]>", "bell and rings"),
    ],
)
def test_signs_that_no_xml_has_cost_nothing(tmp_path: Path, text: str, words: str) -> None:
    found = export(tmp_path, f"{POST}{OUT}<content:encoded>{text}</content:encoded>", POST + OUT)
    assert not found.errors
    assert (len(found.articles), found.articles[0].text) == (2, words)


def test_one_broken_item_costs_no_other(tmp_path: Path) -> None:
    broken = "<title>Broken</title><wp:post_type>post</wp:post_type><wp:sta"
    found = export(tmp_path, POST + OUT, broken, POST.replace("?p=7", "?p=8") + OUT)
    assert len(found.articles) == 2
    assert [error.item for error in found.errors] == ["Broken"]


def test_a_file_cut_short_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(f"{HEAD}<item>{POST}{OUT}</item><item><title>Cut</title><link>https://gaz")
    found = exports.read(path)
    assert [article.title for article in found.articles] == ["Goats & boats"]
    assert [error.item for error in found.errors] == ["Cut"]


def test_without_namespaces_and_in_two_bytes_a_letter_it_is_read(tmp_path: Path) -> None:
    head = (
        '<?xml version="1.0" encoding="utf-16"?><rss><channel><wp:wxr_version>1.2</wp:wxr_version>'
    )
    path = tmp_path / "export.xml"
    path.write_bytes(f"{head}<item>{POST}{OUT}</item></channel></rss>".encode("utf-16"))
    (found,) = exports.read(path).articles
    assert (found.title, found.authors) == ("Goats & boats", ("dot",))


def test_no_entity_of_a_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    head = HEAD.replace("<rss", f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{secret}">]><rss', 1)
    found = export(tmp_path, f"{POST}{OUT}<content:encoded>a &x; b</content:encoded>", head=head)
    assert "SECRET" not in repr(found)


def test_a_file_that_holds_no_item_and_is_broken_is_told(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(HEAD)
    found = exports.read(path)
    assert found.articles == ()
    assert "no valid XML" in found.errors[0].reason
