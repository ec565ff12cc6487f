from __future__ import annotations

import pytest

from digest.sources import bylines
from tests.sources.reading import headline, linked, page

URL = "https://www.gazette.example/a"


def authors(head: str = "", body: str = "", site: str = "The Gazette") -> tuple[str, ...]:
    found = page(head, body)
    return bylines.authors_of(found, site, URL, headline(found).node)


def test_the_house_signs_only_where_no_person_does() -> None:
    house = linked(author={"name": "The Gazette"}, publisher={"name": "The Gazette"})
    assert authors(house) == ("The Gazette",)
    assert authors(house, '<p class="byline">By Ann Ferris</p>') == ("Ann Ferris",)
    both = linked(author=[{"name": "Ann Ferris"}, {"name": "gazette.example"}])
    assert authors(both) == ("Ann Ferris",)


def test_an_agency_in_a_persons_line_is_the_persons_and_one_of_its_own_stays() -> None:
    assert authors(linked(author="Ann Ferris, Associated Press")) == ("Ann Ferris",)
    assert authors(linked(author=["Ann Ferris", "AFP"])) == ("Ann Ferris", "AFP")


@pytest.mark.parametrize(
    "line",
    [
        "By Ann Ferris",
        "Von Ann Ferris am 24. November 2026",
        "Par Ann Ferris | 24 novembre 2026",
        "Autorin: Ann Ferris",
        "Por Ann Ferris Nov 24, 2026",
        "Written by Ann Ferris on November 24, 2026",
        "Text: Ann Ferris",
    ],
)
def test_a_line_beside_the_headline_tells_the_writer(line: str) -> None:
    body = f"<h1>Goats on the mole</h1><div>{line}</div><p>{'word ' * 90}</p>"
    assert authors("<title>Goats on the mole</title>", body) == ("Ann Ferris",)


def test_prose_that_begins_as_a_byline_is_none() -> None:
    body = "<h1>Goats on the mole</h1><p>By noon the goats were gone and nobody knew where to.</p>"
    assert authors("<title>Goats on the mole</title>", body) == ()


@pytest.mark.parametrize(
    ("link", "names"),
    [
        ('<a href="/author/ann-ferris/">Ann Ferris</a>', ("Ann Ferris",)),
        ('<a href="/people/index">People</a>', ()),
        ('<a href="/author/ann/" rel="author">View all posts by Ann Ferris</a>', ("Ann Ferris",)),
        ('<div class="comments"><a href="/author/bo-quay">Bo Quay</a></div>', ()),
    ],
)
def test_links_to_writers_are_told_from_others(link: str, names: tuple[str, ...]) -> None:
    assert authors(body=f"<div>{link}</div>") == names


def test_writers_of_other_articles_further_down_are_not_taken_for_this_ones() -> None:
    block = (
        '<section><div><div><div><span class="author-name">{}</span></div></div></div></section>'
    )
    assert authors(body=block.format("Ann Ferris") + block.format("Bo Quay")) == ("Ann Ferris",)


def test_a_card_of_wordpress_names_the_writer() -> None:
    head = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ann Ferris">'
    assert authors(head) == ("Ann Ferris",)
    assert authors(head.replace("Written by", "Est. reading time")) == ()


@pytest.mark.parametrize(
    "nobody", ["admin", "wordpressadmin", "No Author", "Staff reporter", "TC Redazione", "user_7"]
)
def test_nobody_is_nobody(nobody: str) -> None:
    assert authors(f'<meta name="author" content="{nobody}">') == ()


def test_several_names_in_one_meta_element_count() -> None:
    head = '<meta property="dc:creator twitter:site_name" content="Ann Ferris">'
    assert authors(head) == ("Ann Ferris",)
