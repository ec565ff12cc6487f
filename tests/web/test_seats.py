"""Seats: given by mail, changed, taken away; one admin stays; everything right after a login only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from digest import granting
from digest.bootstrap import House
from digest.model import Scope
from digest.store import api_tokens, editors, events
from digest.store.engine import Database
from tests.houses import make_house
from tests.queue_of import notices_of
from tests.web.people import TestClient, later, seated

PAGE = "/desk/house/editors"


def press(client: TestClient, act: str = "", **fields: object) -> object:
    return client.post(f"{PAGE}{act}", data={"csrf": client.csrf, **fields})  # type: ignore[attr-defined]


def number(house: House, email: str) -> int:
    with house.database.read() as session:
        found = editors.by_email(session, email)
    assert found is not None
    return found.id


def roles(house: House) -> dict[str, str]:
    with house.database.read() as session:
        return {one.email: one.role for one in editors.all(session)}


def test_a_seat_is_given_by_mail_changed_and_taken_away(house: House) -> None:
    erin = seated(house)
    assert (
        press(erin, email="Frank@example.net", name="Frank <b>", role="editor").status_code == 303
    )
    (mail,) = notices_of(house.database, "invited")
    assert (mail.address, mail.data["inviter"], mail.data["role"]) == (
        "frank@example.net",
        "Erin",
        "editor",
    )
    assert "Frank &lt;b&gt;" in erin.get(PAGE).text
    frank = number(house, "frank@example.net")
    press(erin, "/role", editor=frank, role="publisher")
    assert roles(house)["frank@example.net"] == "publisher"
    assert press(erin, "/remove", editor=frank).status_code == 400, "the box was not ticked"
    press(erin, "/remove", editor=frank, sure="yes")
    assert list(roles(house)) == ["erin.admin@example.net"]
    with house.database.read() as session:
        acts = [(one.action, one.subject) for one in events.find(session, events.Wanted(), limit=3)]
    assert acts == [
        ("took the seat away", f"editor:{frank}"),
        ("made publisher", f"editor:{frank}"),
        ("made editor", f"editor:{frank}"),
    ]


def test_who_loses_a_seat_is_out_at_once(house: House) -> None:
    erin, viewer = seated(house), seated(house, "viewer")
    assert "1 open session" in erin.get(PAGE).text
    press(erin, "/remove", editor=number(house, "erin.viewer@example.net"), sure="yes")
    assert viewer.get("/desk").status_code == 303


def test_tokens_of_a_seat_are_named_beside_it_and_end_or_are_kept(house: House) -> None:
    erin = seated(house)
    for name in ("frank", "grace"):
        press(erin, email=f"{name}@example.net", role="admin")
    frank, grace = (number(house, f"{name}@example.net") for name in ("frank", "grace"))
    for seat, name in ((frank, "The <site>"), (grace, "The till")):
        more = {"by": f"editor:{seat}", "now": house.clock()}
        granting.give(house.database, name, {Scope.ISSUES_READ}, **more)
    told = {"newsletter": "sunday", "url": "https://hooks.example/in", "issue_sent": "yes"}
    erin.post("/desk/house/webhooks", data={"csrf": erin.csrf, **told})
    page = erin.get(PAGE).text
    assert "Made 1 webhook, which goes on: <code>https://hooks.example/in" in page
    assert "Answers for 1 token of the API: The &lt;site&gt;." in page
    press(erin, "/remove", editor=frank, sure="yes")
    press(erin, "/role", editor=grace, role="viewer", keep="yes")
    with house.database.read() as session:
        working = api_tokens.working(session, now=house.clock())
    me = f"editor:{number(house, 'erin.admin@example.net')}"
    assert {owner: [one.name for one in found] for owner, found in working.items()} == {
        me: ["The till"]
    }
    tokens = erin.get("/desk/house/tokens").text
    assert "kept by Erin" in tokens
    assert "1 token works no more" in tokens


def test_an_admin_logs_somebody_out_everywhere(house: House) -> None:
    erin, viewer = seated(house), seated(house, "viewer")
    press(erin, "/log-out", editor=number(house, "erin.viewer@example.net"))
    assert viewer.get("/desk").status_code == 303
    assert "erin.viewer@example.net" in roles(house)


def test_the_last_admin_stays(house: House) -> None:
    erin = seated(house)
    me = number(house, "erin.admin@example.net")
    assert press(erin, "/role", editor=me, role="viewer").status_code == 409
    assert press(erin, "/remove", editor=me, sure="yes").status_code == 409
    page = erin.get(PAGE).text
    assert "The only admin" in page
    press(erin, email="frank@example.net", role="admin")
    assert press(erin, "/role", editor=me, role="viewer").status_code == 303
    assert erin.get(PAGE).status_code == 403, "the role holds at the next request"


def test_of_two_admins_who_leave_at_once_one_stays(postgres: Database, tmp_path: Path) -> None:
    house = make_house(postgres, tmp_path)
    erin = seated(house)
    press(erin, email="frank@example.net", role="admin")
    numbers = [number(house, one) for one in roles(house)]

    def go(editor: int) -> int:
        status: int = press(seated(house), "/role", editor=editor, role="viewer").status_code
        return status

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(go, numbers))
    assert answers[0] == 303
    assert list(roles(house).values()).count("admin") == 1


def test_a_wrong_address_or_a_known_one_is_told_beside_the_field(house: House) -> None:
    erin = seated(house)
    for email, words in (
        ("frank@", "no complete email address"),
        ("erin.admin@example.net", "has a seat"),
    ):
        answer = press(erin, email=email, name="Frank", role="editor")
        assert (answer.status_code, words in answer.text) == (422, True)
        assert 'value="Frank"' in answer.text
    assert press(erin, email="frank@example.net", role="king").status_code == 400
    assert press(erin, "/remove", editor=99, sure="yes").status_code == 409


def test_seats_are_changed_right_after_a_login_only(house: House) -> None:
    erin = seated(house)
    later(house, minutes=15, seconds=1)
    assert erin.get(PAGE).status_code == 200
    for act in ("", "/role", "/remove", "/log-out", "/unlock"):
        assert press(erin, act).headers["location"] == f"/desk/fresh?then={PAGE}", act
