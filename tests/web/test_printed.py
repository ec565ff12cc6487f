"""A login link from the command line: for the first login, before mail leaves."""

from __future__ import annotations

import pytest

from digest.bootstrap import House
from digest.cli import serving
from digest.store import editors, events
from digest.store.editors import Editor
from digest.web import printed
from tests.people import BOB, ERIN
from tests.web.people import OWN_PAGE, later, visitor


@pytest.fixture
def erin(house: House) -> Editor:
    """An admin who was given a seat and never sat down."""
    with house.database.write() as session:
        editors.add(session, ERIN, role="admin", now=house.clock())
        found = editors.by_email(session, ERIN)
    assert found is not None
    return found


def path_of(house: House, editor: Editor) -> str:
    return printed.link(house, editor, by="operator").removeprefix(house.public_url)


def test_a_printed_link_opens_the_desk_in_any_browser_by_its_button_and_once(
    house: House, erin: Editor
) -> None:
    path, client = path_of(house, erin), visitor(house)
    page = client.get(path)
    assert page.status_code == 200
    assert "printed at the command line" in page.text
    assert client.get("/desk").status_code == 303, "to look at it logs nobody in"
    assert client.post(path, headers=OWN_PAGE).headers["location"] == "/desk"
    assert client.get("/desk").status_code == 200
    other = visitor(house, beside=client)
    assert other.get(path).status_code == 410
    assert other.post(path, headers=OWN_PAGE).status_code == 410


def test_who_printed_a_link_and_who_used_it_are_in_the_log(house: House, erin: Editor) -> None:
    visitor(house).post(path_of(house, erin), headers=OWN_PAGE)
    with house.database.read() as session:
        used, made = events.find(session, events.Wanted(), limit=2)
    assert (made.actor, made.action) == ("operator", "printed a login link")
    assert made.subject == used.actor == f"editor:{erin.id}"
    assert (used.action, used.data["by"]) == ("logged in", "printed link")


def test_a_printed_link_ends_after_ten_minutes_and_with_the_seat(
    house: House, erin: Editor
) -> None:
    with house.database.write() as session:
        editors.add(session, BOB, role="viewer", now=house.clock())
        other = editors.by_email(session, BOB)
    assert other is not None
    late, gone = path_of(house, other), path_of(house, erin)
    with house.database.write() as session:
        editors.remove(session, erin.id, now=house.clock())
    client = visitor(house)
    assert client.post(gone, headers=OWN_PAGE).status_code == 410
    later(house, minutes=11)
    assert client.get(late).status_code == 410


def test_the_first_admin_is_a_newcomer_until_somebody_was_at_the_desk(
    house: House, erin: Editor
) -> None:
    assert printed.newcomer(house) == erin
    visitor(house).post(path_of(house, erin), headers=OWN_PAGE)
    assert printed.newcomer(house) is None


def test_a_terminal_is_told_a_link_and_a_log_is_not(
    house: House, erin: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = serving.way_in(house)
    assert "digest editor link ADDRESS" in told
    assert "/desk/login/" not in told
    assert ERIN not in told
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    (first, _) = serving.way_in(house).splitlines()
    client = visitor(house)
    path = first.removeprefix(house.public_url)
    assert client.post(path, headers=OWN_PAGE).headers["location"] == "/desk"
    assert serving.way_in(house) == f"{house.public_url}/desk/"
