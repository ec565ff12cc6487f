from __future__ import annotations

import pytest

from digest.sources import html_text


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "mailto:a@b.example",
        "",
        None,
        7,
        "http://",
        "http://[",
    ],
)
def test_what_is_no_web_address_is_dropped(link: object) -> None:
    assert html_text.web_address(link) is None


def test_a_relative_link_stands_against_its_base() -> None:
    found = html_text.web_address("../b c", "https://gazette.example/news/a/")
    assert found == "https://gazette.example/news/b%20c"


def test_html_is_made_harmless_and_its_links_whole() -> None:
    html = '<p onclick="x()">A <a href="/b">link</a><script>x()</script><img src="data:text/html,x"><a href="javascript:x()">no</a></p>'
    found = html_text.clean(html, "https://gazette.example/a/")
    assert 'href="https://gazette.example/b"' in found
    for bad in ("script", "onclick", "data:"):
        assert bad not in found


def test_words_come_in_paragraphs_with_captions_apart() -> None:
    html = """<h2>Sub</h2><p>One &amp; <b>two</b>.<br>Same paragraph.</p><div>Loose<br><br>text</div>
    <figure><img src="/tiny.gif" width="1"><img src="/p.jpg" alt="A goat"><figcaption>A goat.</figcaption></figure>
    <ul><li>first<li>second</ul><nav>Home</nav><table><tr><td>a</td><td>b</td></tr></table>"""
    found = html_text.words_of(html, "https://gazette.example/")
    assert found.paragraphs[:4] == ["Sub", "One & two. Same paragraph.", "Loose", "text"]
    assert found.paragraphs[4:] == ["first", "second", "a b"]
    assert found.captions == ["A goat."]
    assert (found.image, found.image_alt) == ("https://gazette.example/p.jpg", "A goat")


def test_titles_lose_tags_entities_and_controls() -> None:
    assert html_text.plain("A <b>bold</b> &amp;&#8217; claim\x00\u200b") == "A bold &’ claim"
    assert html_text.plain("2 < 3 & 4") == "2 < 3 & 4"
    assert html_text.plain(None) == ""


def test_plain_text_as_html_keeps_its_paragraphs_and_its_signs() -> None:
    assert html_text.from_plain("a < b\n\nc") == "<p>a &lt; b</p><p>c</p>"
