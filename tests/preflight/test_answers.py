"""What servers said of the mail's links: warnings with their story, and one alone where it is our own network."""

from __future__ import annotations

import pytest

from digest import preflight
from digest.model import LinkAnswer, LinkState
from digest.preflight import answers
from tests.people import NOW
from tests.preflight.broken import CONTENT, MAIL, URL


def answer(url: str, state: LinkState, said: str = "") -> LinkAnswer:
    return LinkAnswer(url, state, said, NOW)


FINE = answer("https://a.example/", LinkState.THERE)


@pytest.mark.parametrize(
    ("state", "said", "told"),
    [
        (
            LinkState.MISSING,
            "answered 404 Not Found",
            "leads to nothing: “https://a.example/1” (answered 404",
        ),
        (LinkState.FAILING, "answered 502 Bad Gateway", "leads to a page that fails"),
        (LinkState.SILENT, "no answer", "could not be opened"),
        (LinkState.BARRED, "10.0.0.1 is not a public address", "where readers cannot get"),
    ],
)
def test_a_link_that_a_reader_would_open_in_vain_is_a_warning(
    state: LinkState, said: str, told: str
) -> None:
    (found,) = answers.check([FINE, answer("https://a.example/1", state, said)])
    assert (found.level, found.url) == ("warning", "https://a.example/1")
    assert told in found.message


def test_a_server_that_answers_no_program_says_nothing() -> None:
    refused = answer("https://a.example/1", LinkState.REFUSED, "answered 403 Forbidden")
    assert list(answers.check([FINE, refused])) == []


def test_where_nobody_answers_it_is_our_own_network() -> None:
    silent = [answer(f"https://{n}.example/", LinkState.SILENT, "no answer") for n in range(9)]
    (found,) = answers.check(silent)
    assert found.message.startswith("None of 9 links could be opened")
    assert len(list(answers.check([FINE, *silent]))) == 9


def test_a_finding_has_the_story_that_its_link_is_of() -> None:
    lead = CONTENT.lead
    assert lead is not None
    assert lead.url is not None
    missing = answer(lead.url, LinkState.MISSING, "answered 404 Not Found")
    (found,) = preflight.placed(answers.check([FINE, missing]), CONTENT)
    assert (found.article_id, found.item) == (lead.article_id, preflight.Item.STORY)


def test_what_is_asked_for_is_what_others_servers_have() -> None:
    found = preflight.outward(CONTENT, MAIL, URL)
    told = {one.url for one in CONTENT.stories if one.url}
    assert told <= found
    assert not [url for url in found if url.startswith(URL) or "localhost" in url or "{" in url]
