"""The links of a final draft are asked through the guarded door, and no network that is away holds anything up."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import approve, link_checks
from digest.bootstrap import House
from digest.model import ArticleId, IssueStatus, LinkState
from digest.preflight import links
from digest.store import issues
from digest.store.engine import Database
from tests.houses import make_house
from tests.sources.web import LOOPBACK, Site, served
from tests.web.people import put_draft, rendered_of, the_issue

HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as found:
        yield found


@pytest.fixture
def house(database: Database, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> House:
    """A final draft whose three stories are on the site; the tests' own computer counts as the internet."""
    local = links._is_local
    monkeypatch.setattr(links, "_is_local", lambda url: local(url) and not url.startswith(site.url))
    link_checks._LINKS.clear()
    site.answers.clear()
    site.asked.clear()
    for path, status in (("/one", 200), ("/two", 503), ("/closed", 403)):
        site.give(path, b"x" * 10_000_000 if path == "/one" else b"", status=status)
    made = dataclasses.replace(make_house(database, tmp_path), fetch_allow=LOOPBACK)
    put_links(made, f"{site.url}/one", f"{site.url}/two", f"{site.url}/gone")
    return made


def put_links(house: House, *urls: str) -> None:
    """The draft with these addresses as those of its stories."""
    put_draft(house)
    issue = the_issue(house)
    assert issue.content is not None
    assert issue.content.lead is not None
    lead = dataclasses.replace(issue.content.lead, url=urls[0])
    (follow_up,) = issue.content.lead.thread
    lead = dataclasses.replace(lead, thread=(dataclasses.replace(follow_up, url=urls[0]),))
    section = issue.content.sections[0]
    story = dataclasses.replace(section.stories[0], url=urls[1])
    brief = dataclasses.replace(issue.content.briefs[0], url=urls[2])
    made = dataclasses.replace(
        issue.content,
        lead=lead,
        sections=(dataclasses.replace(section, stories=(story,)),),
        briefs=(brief,),
    )
    with house.database.write() as session:
        issues.save_draft(session, issue.id, made, rendered_of(house, made), now=house.clock())


def look(house: House, *, later: dt.timedelta = dt.timedelta()) -> int:
    return link_checks.look(house, now=house.clock() + later)


def told(house: House) -> dict[ArticleId | None, str]:
    found = link_checks.standing(house, the_issue(house)).findings
    assert {one.level for one in found} <= {"warning"}
    return {one.article_id: one.message for one in found}


def test_each_story_whose_link_does_not_open_is_told_and_nothing_is_forbidden(
    house: House, site: Site
) -> None:
    assert look(house) == 3
    found = told(house)
    assert found.keys() == {ArticleId(2), ArticleId(3)}
    assert "answered 503" in found[ArticleId(2)]
    assert "leads to nothing" in found[ArticleId(3)]
    issue = the_issue(house)
    seen = approve.findings(house.database, issue, public_url=house.public_url)
    assert approve.obstacles(issue, seen) == ()
    assert site.asked[0][1]["User-Agent"].startswith("SundayCatchup/")


def test_a_link_is_asked_once_for_all_editions_and_what_failed_again_after_an_hour(
    house: House, site: Site
) -> None:
    look(house)
    put_links(house, f"{site.url}/one", f"{site.url}/two", f"{site.url}/closed")
    assert look(house) == 1, "the new one"
    assert "leads to nothing" not in str(told(house)), "it is not in the mail any more"
    assert link_checks.standing(house, the_issue(house)).refused == 1
    site.give("/two", b"it works")
    assert look(house, later=HOUR) == 1
    assert told(house) == {}


def test_where_the_network_is_away_one_warning_says_so_and_the_approval_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def away(url: str, allowed: tuple[str, ...]) -> tuple[LinkState, str]:
        asked.append(url)
        return LinkState.SILENT, "no answer: the network is unreachable"

    monkeypatch.setattr("digest.sources.presence.answer_of", away)
    assert look(house) == 3
    assert len(asked) == link_checks.PATIENCE, "a silent host is left alone"
    ((article, message),) = told(house).items()
    assert article is None
    assert message.startswith("None of 3 links could be opened")
    issue = the_issue(house)
    assert issue.edition is not None
    approve.approve(
        house.database,
        issue,
        issue.edition.checksum,
        by="Erin",
        actor="editor:1",
        now=house.clock(),
        public_url=house.public_url,
    )
    assert the_issue(house).status is IssueStatus.APPROVED


def test_a_link_to_a_machine_of_our_own_is_asked_by_nobody(house: House, site: Site) -> None:
    guarded = dataclasses.replace(house, fetch_allow=())
    look(guarded)
    assert site.asked == []
    assert "where readers cannot get" in str(told(guarded))


def test_the_links_of_a_growing_draft_or_of_one_that_is_over_are_not_asked(house: House) -> None:
    issue = the_issue(house)
    with house.database.write() as session:
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=house.clock(), reason="x")
    assert look(house) == 0
