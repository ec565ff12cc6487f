"""The answers for an issue's links: asked once, by one process, and again when it is time."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.model import IssueId, LinkAnswer, LinkState
from digest.store import issues, link_answers
from digest.store.engine import Database
from tests.issues import moments
from tests.people import NEWSLETTER, NOW

HOUR = dt.timedelta(hours=1)
ONE, TWO = "https://a.example/1", "https://a.example/2"


@pytest.fixture
def issue(database: Database) -> IssueId:
    with database.write() as session:
        issues.open_issue(session, NEWSLETTER, moments(), now=NOW)
        found = issues.get(session, NEWSLETTER, moments().period)
    assert found is not None
    return found.id


def claim(
    database: Database, issue: IssueId, *urls: str, now: dt.datetime = NOW, since: dt.datetime = NOW
) -> list[str]:
    with database.write() as session:
        return link_answers.claim(session, issue, urls, since=since, now=now, most=9)


def keep(database: Database, issue: IssueId, url: str, state: LinkState, at: dt.datetime) -> None:
    with database.write() as session:
        link_answers.keep(session, issue, [LinkAnswer(url, state, "said", at)])


def test_a_link_is_asked_by_one_process_and_once(database: Database, issue: IssueId) -> None:
    assert claim(database, issue, TWO, ONE, ONE) == [ONE, TWO]
    assert claim(database, issue, ONE, TWO) == []
    keep(database, issue, ONE, LinkState.THERE, NOW)
    assert claim(database, issue, ONE, now=NOW + 9 * HOUR) == []
    assert claim(database, issue, TWO, now=NOW + link_answers.CLAIM) == [TWO], "its process is gone"


def test_what_did_not_open_is_asked_again_after_an_hour(database: Database, issue: IssueId) -> None:
    claim(database, issue, ONE)
    keep(database, issue, ONE, LinkState.SILENT, NOW)
    assert claim(database, issue, ONE, now=NOW + HOUR / 2) == []
    assert claim(database, issue, ONE, now=NOW + HOUR) == [ONE]


def test_what_was_asked_before_a_moment_or_is_wanted_is_asked_anew(
    database: Database, issue: IssueId
) -> None:
    claim(database, issue, ONE)
    keep(database, issue, ONE, LinkState.THERE, NOW)
    assert claim(database, issue, ONE, since=NOW + HOUR, now=NOW + HOUR) == [ONE]
    keep(database, issue, ONE, LinkState.THERE, NOW + HOUR)
    with database.write() as session:
        link_answers.ask_again(session, issue)
        assert link_answers.of_issue(session, issue), "the old answers stand until then"
    assert claim(database, issue, ONE, now=NOW + HOUR) == [ONE]
    keep(database, issue, ONE, LinkState.THERE, NOW + HOUR)
    assert claim(database, issue, ONE, now=NOW + HOUR) == []


def test_a_page_can_see_that_an_answer_came(database: Database, issue: IssueId) -> None:
    def word() -> str:
        with database.read() as session:
            return link_answers.word(session, issue)

    claim(database, issue, ONE)
    assert word() == ""
    keep(database, issue, ONE, LinkState.MISSING, NOW)
    first = word()
    keep(database, issue, ONE, LinkState.MISSING, NOW + HOUR)
    assert "" != first != word()
    with database.read() as session:
        (known,) = link_answers.of_issue(session, issue)
    assert (known.url, known.state, known.said) == (ONE, LinkState.MISSING, "said")
