from __future__ import annotations

import pytest

from digest.sources import linked_data


def article(*scripts: str) -> linked_data.Node:
    return linked_data.article_of(linked_data.nodes_of(scripts))


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle","headline":"H"}',
        '[{"@type":"WebSite"},{"@type":["Thing","BlogPosting"],"headline":"H"}]',
        '{"@graph":[{"@type":"Organization"},{"@type":"https://schema.org/Article","headline":"H"}]}',
        '{"@type":"WebPage","mainEntity":{"@type":"ReportageNewsArticle","headline":"H"}}',
        '<!-- {"@type":"NewsArticle","headline":"H"} -->',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"H"}\n//]]>',
        '{"@type":"NewsArticle","headline":"H",};',
        '{"@type":"NewsArticle","headline":"H","text":"a\nb\x01c"}',
    ],
)
def test_the_article_is_found_however_it_is_wrapped(script: str) -> None:
    assert article(script)["headline"] == "H"


@pytest.mark.parametrize(
    "script", ["", "null", "7", "{", '{"@type":"WebSite"}', "[" * 100_000, '{"@type":7}']
)
def test_what_holds_no_article_gives_nothing(script: str) -> None:
    assert article(script) == {}


def test_references_are_followed_by_their_id() -> None:
    found = article(
        '{"@graph":[{"@type":"Article","headline":"H","author":[{"@id":"#a"}]},{"@id":"#a","@type":"Person","name":"Ann"}]}'
    )
    assert linked_data.text(found["author"]) == "Ann"


def test_more_than_a_megabyte_is_not_read() -> None:
    assert article('{"@type":"NewsArticle","headline":"' + "x" * 1_000_000 + '"}') == {}


def test_properties_are_read_whatever_their_type() -> None:
    assert linked_data.text([{}, {"name": "A &amp; B"}]) == "A & B"
    assert linked_data.text({"@value": "x"}) == "x"
    assert linked_data.text(True) == ""
    assert linked_data.many(None) == []
    assert linked_data.number("1,234") == 1234
    assert linked_data.number("many") is None
    assert linked_data.number("inf") is None
