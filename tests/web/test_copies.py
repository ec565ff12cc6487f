"""A copy that was left out is told as a story of its own, if an editor says so."""

from __future__ import annotations

from digest import drafting
from digest.bootstrap import House
from digest.reconcile import reconcile
from digest.store import apart, articles, issues
from tests.articles import incoming
from tests.houses import MONDAY
from tests.web.people import PERIOD, seated, set_clock

PATH = f"/desk/sunday/{PERIOD}"
TEXT = " ".join(f"word{number}" for number in range(80))


def drafted(house: House) -> None:
    with house.database.write() as session:
        for title, text in (("One", TEXT), ("Two", TEXT + " more"), ("Three", "other " * 60)):
            story = incoming(title, text=text, source="desk", published_at=MONDAY)
            articles.save(session, story, now=MONDAY)
    reconcile(house, now=MONDAY)


def left_out(house: House) -> list[tuple[str, int | None]]:
    with house.database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
    assert issue is not None
    assert issue.content is not None
    return [(one.title, one.copy_of) for one in issue.content.left_out]


def press(house: House, article: int, role: str = "editor") -> int:
    client = seated(house, role)
    form = {"csrf": client.csrf, "article": str(article)}  # type: ignore[attr-defined]
    return client.post(f"{PATH}/apart", data=form).status_code


def test_two_that_were_joined_are_told_apart_and_stay_so(house: House) -> None:
    set_clock(house, MONDAY)
    drafted(house)
    ((title, copy_of),) = left_out(house)
    assert title == "Two"
    assert "Tell it as a story of its own" in seated(house, "editor").get(PATH).text
    with house.database.read() as session:
        found = articles.by_ids(session, set(range(1, 9)))
    (two,) = [one.id for one in found if one.title == "Two"]
    assert press(house, two) == 303
    assert left_out(house) == []
    with house.database.write() as session:
        pairs = apart.pairs(session, [two])
        assert pairs == {frozenset((two, copy_of))}
        (one, other) = sorted(next(iter(pairs)))
        apart.undo(session, one, other)
        issue = issues.get(session, "sunday", PERIOD)
    assert issue is not None
    drafting.draft(house, issue, now=MONDAY)
    assert [name for name, _ in left_out(house)] == ["Two"]


def test_only_editors_and_only_copies(house: House) -> None:
    set_clock(house, MONDAY)
    drafted(house)
    assert press(house, 1, role="viewer") == 403
    assert press(house, 999) == 404
