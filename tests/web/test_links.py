"""The links of a draft on its page: how they stand, where a press leads, and the wish to have them asked anew."""

from __future__ import annotations

import html

from digest import link_checks
from digest.bootstrap import House
from digest.model import IssueStatus, LinkAnswer, LinkState
from digest.store import events, issues, link_answers
from tests.web.people import PERIOD, put_draft, seated, the_issue

PATH = f"/desk/sunday/{PERIOD}"


def answered(house: House, **states: LinkState) -> None:
    """Every link of the draft was asked; the lead's stands as said, the others are there."""
    issue, now = the_issue(house), house.clock()
    urls = link_checks.links_of(issue, house.public_url)
    assert issue.content is not None
    assert issue.content.lead is not None
    with house.database.write() as session:
        link_answers.claim(session, issue.id, urls, since=now, now=now, most=99)
        found = [
            LinkAnswer(
                url,
                states.get("lead", LinkState.THERE)
                if url == issue.content.lead.url
                else states.get("others", LinkState.THERE),
                "answered 404 Not Found",
                now,
            )
            for url in urls
        ]
        link_answers.keep(session, issue.id, found)


def test_a_dead_link_stands_before_it_goes_out_with_a_way_to_its_story(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    erin = seated(sqlite_house, "editor")
    page = erin.get(PATH).text
    assert "asked within a minute or two" in page
    assert "Ask them again" not in page
    before = erin.get(f"{PATH}/version").json()["progress"]
    assert f'data-progress="{before}"' in page
    answered(sqlite_house, lead=LinkState.MISSING, others=LinkState.REFUSED)
    assert erin.get(f"{PATH}/version").json()["progress"] != before, "an open page shows it"
    page = html.unescape(erin.get(PATH).text)
    assert "A link leads to nothing" in page
    found = page[page.index('id="findings"') :]
    assert 'href="#story-1"' in found
    assert "open to people only" in found
    assert "It cannot be approved" not in html.unescape(
        seated(sqlite_house, "admin").get(PATH).text
    )


def test_an_editor_has_them_asked_again(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    answered(sqlite_house)
    erin = seated(sqlite_house, "editor")
    assert "Ask them again" in erin.get(PATH).text
    assert "Ask them again" not in seated(sqlite_house, "viewer", beside=erin).get(PATH).text
    answer = erin.post(f"{PATH}/links", data={"csrf": erin.csrf})  # type: ignore[attr-defined]
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}#findings")
    issue, now = the_issue(sqlite_house), sqlite_house.clock()
    urls = link_checks.links_of(issue, sqlite_house.public_url)
    with sqlite_house.database.write() as session:
        assert link_answers.claim(session, issue.id, urls, since=now, now=now, most=99)
        (noted, *_) = events.recent(session, limit=1)
    assert noted.action == "had the links asked again"


def test_of_a_week_that_is_over_nothing_is_asked_any_more(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    with sqlite_house.database.write() as session:
        issue = the_issue(sqlite_house)
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=sqlite_house.clock(), reason="x")
    erin = seated(sqlite_house, "editor")
    answer = erin.post(f"{PATH}/links", data={"csrf": erin.csrf})  # type: ignore[attr-defined]
    assert answer.status_code == 409
    assert "until the issue goes out" in answer.text
