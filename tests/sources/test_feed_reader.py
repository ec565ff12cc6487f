from __future__ import annotations

import datetime as dt
import json

import pytest

from digest.errors import BadInput
from digest.sources import feed_reader
from digest.sources.parsed_feed import ParsedEntry

URL = "https://gazette.example/feed/"
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The &lt;b&gt;Gazette&lt;/b&gt;</title>
<link>/home</link><description>News</description><language>en-GB</language>{}</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://gazette.example/a/"><title>G</title>
<entry xml:lang="fr"><id>tag:x,1</id><title type="text">A &lt; B &amp; C</title><link href="one"/>
<updated>2026-11-24T10:00:00Z</updated><author><name>Ann</name></author><author><name>ann</name></author>
<summary type="text">Plain &lt;b&gt; text</summary>
<content type="html">&lt;a href="two"&gt;x&lt;/a&gt;</content></entry></feed>"""


def entry_of(items: str) -> ParsedEntry:
    return feed_reader.read(RSS.format(f"<item>{items}</item>").encode(), url=URL).entries[0]


def test_the_feeds_own_facts_are_plain() -> None:
    found = feed_reader.read(RSS.format("").encode(), url=URL)
    assert (found.title, found.link, found.language) == (
        "The Gazette",
        "https://gazette.example/home",
        "en-GB",
    )
    assert found.entries == ()


def test_an_rss_entry_gives_everything() -> None:
    found = entry_of("""<title>Goats &amp;amp; boats</title><link>/goats</link><guid isPermaLink="false">77</guid>
<pubDate>Tue, 24 Nov 2026 10:00:00 +0100</pubDate><dc:creator>Dot Rennick</dc:creator>
<category>Town</category><category>Town</category><category>Goats</category><slash:comments>12</slash:comments>
<description>short</description><content:encoded><![CDATA[<p>Long <a href="b">text</a></p>]]></content:encoded>
<media:content url="/p.jpg" medium="image"/>""")
    assert found.title == "Goats & boats"
    assert found.url == "https://gazette.example/goats"
    assert found.published == dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    assert found.updated is None
    assert found.authors == ("Dot Rennick",)
    assert found.tags == ("Town", "Goats")
    assert found.comments == 12
    assert found.summary == "short"
    assert 'href="https://gazette.example/b"' in found.content
    assert found.image == "https://gazette.example/p.jpg"


def test_an_atom_entry_keeps_meant_signs_and_resolves_by_xml_base() -> None:
    found = feed_reader.read(ATOM.encode(), url=URL).entries[0]
    assert found.title == "A < B & C"
    assert found.url == "https://gazette.example/a/one"
    assert found.authors == ("Ann",)
    assert (found.published, found.updated) == (None, dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC))
    assert found.summary == "<p>Plain &lt;b&gt; text</p>"
    assert 'href="https://gazette.example/a/two"' in found.content
    assert found.language == "fr"


def test_a_guid_that_is_a_link_is_one() -> None:
    assert (
        entry_of("<title>T</title><guid>https://gazette.example/p</guid>").url
        == "https://gazette.example/p"
    )


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_links_that_act_are_dropped(link: str) -> None:
    found = entry_of(
        f"<title>T</title><link>{link}</link><description>&lt;a href='{link}'&gt;x&lt;/a&gt;</description>"
    )
    assert found.url is None
    assert link not in found.summary


def test_addresses_are_no_authors() -> None:
    assert entry_of(
        "<title>T</title><author>ann@gazette.example (Ann Ferris)</author>"
    ).authors == ("Ann Ferris",)
    assert entry_of("<title>T</title><author>ann@gazette.example</author>").authors == ()


def test_the_authors_line_is_kept_as_written_apart_from_the_names() -> None:
    found = entry_of("<title>T</title><author>ann@gazette.example (Ann Ferris)</author>")
    assert found.as_json()["author"] == "ann@gazette.example (Ann Ferris)"


def test_a_relative_link_stays_so_where_no_address_is_known() -> None:
    def url_of(link: str) -> str | None:
        item = f"<item><title>T</title><link>{link}</link></item>"
        return feed_reader.read(RSS.format(item).encode()).entries[0].url

    assert url_of("/goats") == "/goats"
    assert url_of("gazette.example/goats?a:b") == "gazette.example/goats?a:b"
    for bad in ("javascript:x()", "JaVa:x", "//other.example/x", " "):
        assert url_of(bad) is None


def test_no_date_stays_none_and_an_odd_count_is_none() -> None:
    found = entry_of("<title>T</title><pubDate>soon</pubDate><slash:comments>many</slash:comments>")
    assert (found.published, found.updated, found.comments) == (None, None, None)


def test_an_enclosed_picture_is_the_image() -> None:
    found = entry_of('<title>T</title><enclosure url="/p.png" type="image/png" length="1"/>')
    assert found.image == "https://gazette.example/p.png"
    thumbed = entry_of('<title>T</title><media:thumbnail url="/t.png"/>')
    assert thumbed.image == "https://gazette.example/t.png"


@pytest.mark.parametrize(
    ("element", "weight"),
    [
        ('<enclosure url="/p.jpg" type="image/jpeg" length="2400000"/>', 2_400_000),
        ('<media:content url="/p.jpg" medium="image" fileSize="91000"/>', 91_000),
        ('<enclosure url="/p.jpg" type="image/jpeg" length="0"/>', None),
        ('<enclosure url="/p.jpg" type="image/jpeg" length="1"/>', None),
        ('<enclosure url="/p.jpg" type="image/jpeg" length="big"/>', None),
        (
            '<enclosure url="/p.mp3" type="audio/mpeg" length="9000000"/><media:thumbnail url="/p.jpg"/>',
            None,
        ),
    ],
)
def test_a_pictures_bytes_are_those_that_the_feed_tells(element: str, weight: int | None) -> None:
    found = entry_of(f"<title>T</title>{element}")
    assert (found.image, found.image_bytes) == ("https://gazette.example/p.jpg", weight)


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>Not found</body></html>", b"\x00\x01", b"{}", b'{"items":1}', b"{"]
)
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        feed_reader.read(data, url=URL)


def test_entities_from_files_are_never_read() -> None:
    evil = b"""<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel><title>G</title>
    <item><title>a&x;b</title></item></channel></rss>"""
    found = feed_reader.read(evil, url=URL)
    assert all(entry.title in ("", "ab", "a", "a&x;b") for entry in found.entries)


def test_a_json_feed_is_read_whatever_its_types() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "G",
        "home_page_url": "https://gazette.example/",
        "language": "en",
        "authors": [{"name": "The desk"}],
        "items": [
            {
                "id": 7,
                "url": "/a",
                "title": "A",
                "content_html": '<p onclick="x">a <a href="b">l</a>',
                "date_published": "2026-11-24T10:00:00+01:00",
                "tags": ["Town", 3],
                "author": {"name": "Ann"},
                "image": "/p.jpg",
            },
            {
                "id": True,
                "external_url": "https://other.example/x",
                "content_text": "one\n\ntwo",
                "date_published": 12,
                "authors": "x",
            },
            "rubbish",
        ],
    }
    first, second = feed_reader.read(json.dumps(feed).encode(), url=URL).entries
    assert (first.id, first.url, first.authors) == ("7", "https://gazette.example/a", ("Ann",))
    assert first.content == '<p>a <a href="https://gazette.example/b">l</a></p>'
    assert (first.tags, first.image) == (("Town",), "https://gazette.example/p.jpg")
    assert first.published == dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    assert (second.id, second.url, second.authors) == (
        None,
        "https://other.example/x",
        ("The desk",),
    )
    assert (second.content, second.published) == ("<p>one</p><p>two</p>", None)


def test_a_pictures_words_are_not_the_articles() -> None:
    found = entry_of("""<title>T</title><description>Short and true</description>
<media:content url="/p.jpg" medium="image"/><media:description>A much longer line that says what the
picture shows and who took it, and nothing of the story.</media:description>""")
    assert (found.summary, found.content) == ("Short and true", "")


def test_a_video_without_a_description_of_its_own_is_told_by_its_media() -> None:
    found = entry_of("<title>T</title><media:description>What is seen</media:description>")
    assert found.summary == "<p>What is seen</p>"


def test_a_text_of_which_nothing_may_be_shown_leaves_its_words() -> None:
    drawing = "&lt;svg&gt;&lt;title&gt;a harbour&lt;/title&gt;&lt;/svg&gt;"
    assert entry_of(f"<title>T</title><description>{drawing}</description>").summary == (
        "<p>a harbour</p>"
    )
    script = "&lt;svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;/svg&gt;"
    assert entry_of(f"<title>T</title><description>{script}</description>").summary == ""


def test_every_name_of_a_tag_and_every_author_is_told() -> None:
    entry = """<author><name>Ann</name></author><author><name>Bo</name></author>
<category term="town" label="The town"/></entry>"""
    found = feed_reader.read(ATOM.replace("</entry>", entry).encode(), url=URL).entries[0]
    assert found.tags == ("The town",)
    assert found.as_json()["tags"] == ["The town", "town"]
    assert found.as_json()["author"] == "Ann, Bo"


def test_the_zone_that_a_date_names_is_kept_with_it() -> None:
    found = entry_of("<pubDate>Tue, 24 Nov 2026 10:00:00 +0900</pubDate>").published
    assert found is not None
    assert found.isoformat() == "2026-11-24T10:00:00+09:00"
    odd = entry_of("<pubDate>24 Nov 2026 10:00</pubDate>").published
    assert odd is None or odd.utcoffset() == dt.timedelta()
