"""Past issues are for everybody, and only those that were sent."""

from __future__ import annotations

import feedparser
import lxml.etree
import lxml.html
import pytest

from digest import render
from digest.bootstrap import House
from digest.store import issues
from tests.web.people import PERIOD, a_story, content_of, put_draft, send, the_issue, visitor


def test_a_draft_is_not_in_the_archive(house: House) -> None:
    put_draft(house)
    client = visitor(house)
    assert "still to come" in client.get("/archive/sunday").text
    assert client.get(f"/archive/sunday/{PERIOD}").status_code == 404


def test_a_sent_issue_is_listed_and_shown_with_nobodys_own_link(house: House) -> None:
    put_draft(house)
    send(house)
    client = visitor(house)
    listed = client.get("/archive/sunday").text
    assert f'href="/archive/sunday/{PERIOD}"' in listed
    assert "The quay is approved" in listed
    page = client.get(f"/archive/sunday/{PERIOD}")
    assert "The ferry strike ends" in page.text
    assert f'href="{house.public_url}/n/sunday"' in page.text
    assert render.SLOTS["leave_url"] not in page.text


def test_an_archived_edition_lives_under_a_policy_of_its_own(house: House) -> None:
    put_draft(house)
    send(house)
    headers = visitor(house).get(f"/archive/sunday/{PERIOD}").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "img-src https:" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


def test_stories_that_the_mail_folded_away_stand_on_the_page(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    issue, schedule = the_issue(sqlite_house), sqlite_house.schedule("sunday")
    long = tuple(a_story(n, f"Story number {n} " + "and on " * 30) for n in range(10, 250))
    content = content_of(issue.moments)
    full = type(content)(
        **{name: getattr(content, name) for name in content.__slots__ if name != "briefs"},
        briefs=long,
    )
    mail = render.render(full, schedule, public_url=sqlite_house.public_url)
    with sqlite_house.database.write() as session:
        issues.save_draft(session, issue.id, full, mail, now=sqlite_house.clock())
    send(sqlite_house)
    assert "Story number 249" not in mail.html
    page = visitor(sqlite_house).get(f"/archive/sunday/{PERIOD}").text
    assert "Story number 249" in page


def test_the_last_issues_headlines_stand_on_the_sign_up_page(house: House) -> None:
    put_draft(house)
    send(house)
    page = visitor(house).get("/n/sunday").text
    assert "In the last issue" in page
    assert "A bakery &lt;reopens&gt; &amp; sells rolls" in page


def test_an_archive_of_no_newsletter_is_not_found(sqlite_house: House) -> None:
    assert visitor(sqlite_house).get("/archive/monday").status_code == 404
    assert visitor(sqlite_house).get(f"/archive/monday/{PERIOD}").status_code == 404


@pytest.mark.parametrize("period", ["%00", "2026-11-29%00", "20261129", "2026-W48-7", "9"])
def test_what_is_no_date_is_not_found(house: House, period: str) -> None:
    assert visitor(house).get(f"/archive/sunday/{period}").status_code == 404


def test_the_feed_is_read_by_a_feed_reader_and_tells_the_sent_issues(house: House) -> None:
    put_draft(house, lead="Bread & butter <at> last")
    client = visitor(house)
    assert feedparser.parse(client.get("/archive/sunday/feed.xml").text).entries == []
    send(house)
    answer = client.get("/archive/sunday/feed.xml")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    read = feedparser.parse(answer.text)
    assert not read.bozo
    assert read.feed.title == "The Sunday Catchup"
    (entry,) = read.entries
    assert entry.title == "Bread & butter <at> last"
    assert entry.link == f"{house.public_url}/archive/sunday/{PERIOD}"
    assert entry.updated.startswith(PERIOD)


def test_the_map_of_the_site_names_every_public_page(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    send(sqlite_house)
    tree = lxml.etree.fromstring(visitor(sqlite_house).get("/sitemap.xml").content)
    url = sqlite_house.public_url
    assert [one.text for one in tree.iter("{*}loc")] == [
        f"{url}/n/sunday",
        f"{url}/archive/sunday",
        f"{url}/archive/sunday/{PERIOD}",
    ]


def test_a_past_issue_has_a_card_for_those_who_share_it(sqlite_house: House) -> None:
    put_draft(sqlite_house, lead='The "quay" & more')
    send(sqlite_house)
    page = visitor(sqlite_house).get(f"/archive/sunday/{PERIOD}").text
    tree = lxml.html.fromstring(page)
    said = {one.get("property"): one.get("content") for one in tree.iter("meta")}
    assert said["og:title"] == 'The "quay" & more'
    assert said["og:url"] == f"{sqlite_house.public_url}/archive/sunday/{PERIOD}"
