"""Every finding leads to what it is about: on the page of who may edit, and of who may look."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from digest import preflight
from digest.bootstrap import House
from digest.model import ArticleId, Image
from digest.preflight import Finding, Item
from digest.store import issues
from digest.store.engine import Database
from digest.web import pointing
from tests.houses import make_house
from tests.issues import moments
from tests.web.people import PERIOD, put_draft, rendered_of, seated
from tests.web.people import content_of as content

PATH = f"/desk/sunday/{PERIOD}"


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    return make_house(sqlite, tmp_path)


def targets(page: str) -> set[str]:
    return {f"#{one}" for one in re.findall(r'\sid="([^"]+)"', page)}


def ways(page: str) -> list[str]:
    return re.findall(r'<a class="tool go" href="([^"]+)"', page)


def spoil(house: House) -> None:
    """A draft with a long subject, a story that readers cannot open, a heavy picture, and a number for a host."""
    issue = put_draft(house)
    assert issue.content is not None
    first, *others = issue.content.sections
    story = replace(first.stories[0], url="ftp://gazette.example/2")
    brief = replace(issue.content.briefs[0], url="https://93.184.216.34/3")
    assert issue.content.lead is not None
    picture = Image("https://gazette.example/p.jpg", "A quay", 9000, 9000)
    made = replace(
        issue.content,
        subject="A subject that is a good deal longer than what any telephone has room for",
        lead=replace(issue.content.lead, image=picture),
        sections=(replace(first, stories=(story, *first.stories[1:])), *others),
        briefs=(brief, *issue.content.briefs[1:]),
    )
    with house.database.write() as session:
        rendered = rendered_of(house, made)
        issues.save_draft(session, issue.id, made, rendered, now=house.clock())


@pytest.mark.parametrize("role", ["viewer", "publisher"])
def test_every_way_from_a_finding_leads_to_something_that_can_have_the_focus(
    house: House, role: str
) -> None:
    spoil(house)
    page = seated(house, role).get(PATH).text
    found = ways(page)
    assert {"#story-1", "#story-2", "#story-3"} <= set(found)
    assert set(found) <= targets(page)
    for one in found:
        tag = re.search(rf'<[^>]*\sid="{one[1:]}"[^>]*>', page)
        assert tag
        assert re.match(r"<(a|input|textarea|button)\b", tag[0]) or 'tabindex="-1"' in tag[0]


def test_each_item_has_a_name_and_a_place() -> None:
    week = content(moments())
    found = [Finding("error", str(item), item=item) for item in Item if item is not Item.STORY]
    for editable in (True, False):
        each = pointing.pointers(found, week, editable=editable)
        assert all(one.name and one.href.startswith("#") for one in each)
    story = Finding("error", "x", ArticleId(5), Item.STORY)  # told in the lead's thread
    (one,) = pointing.pointers([story], week, editable=True)
    assert (one.name, one.href) == ("The quay is approved", "#story-1")
    (gone,) = pointing.pointers([replace(story, article_id=ArticleId(99))], week, editable=True)
    assert gone.href == "#outline"


def test_what_forbids_the_approval_leads_there_and_what_is_no_finding_is_only_said() -> None:
    week = content(moments())
    wrong = preflight.error("No.", "Do.", ArticleId(3))
    told = pointing.obstacles(["No. Do.", "the week is not over"], [wrong], week, editable=False)
    assert [one.href for one in told] == ["#story-3", ""]


def test_an_error_stands_where_the_approval_would_and_has_its_way(house: House) -> None:
    issue = put_draft(house)
    assert issue.content is not None
    assert issue.edition is not None
    mail = replace(
        issue.edition.rendered, text=issue.edition.rendered.text + "\x01", checksum="e" * 64
    )
    with house.database.write() as session:
        issues.save_draft(session, issue.id, issue.content, mail, now=house.clock())
    page = seated(house).get(PATH).text
    assert "Approve this issue" not in page
    refused = page.split("It cannot be approved yet")[1].split("</ul>")[0]
    assert ways(refused) == ["#part-text"]
