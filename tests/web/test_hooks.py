"""Webhooks at the desk: made with a secret that is shown once, tried, switched, removed."""

from __future__ import annotations

import re

from digest.bootstrap import House
from digest.hooks import delivering
from digest.store import hooks
from digest.store.hooks import HookState
from tests.web.people import TestClient, seated

PAGE = "/desk/house/webhooks"
NEW = {"newsletter": "sunday", "url": "https://x.example/in", "issue_sent": "yes"}


def press(client: TestClient, act: str = "", **fields: object) -> object:
    return client.post(f"{PAGE}{act}", data={"csrf": client.csrf, **fields})  # type: ignore[attr-defined]


def test_a_webhook_is_made_tried_told_again_and_removed(sqlite_house: House) -> None:
    erin = seated(sqlite_house)
    made = press(erin, **NEW)
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]{44}", made.text)  # type: ignore[attr-defined]
    assert press(erin, "/1/test").status_code == 303  # type: ignore[attr-defined]
    assert "in a moment" in erin.get(f"{PAGE}/1").text
    assert delivering.deliver(sqlite_house, post=lambda *_, **__: (503, None)) == 0
    page = erin.get(f"{PAGE}/1").text
    assert secret not in page
    assert "503 in " in page
    assert "Waits" in page
    assert "nothing has arrived since" in erin.get(PAGE).text
    assert press(erin, "/1/state", state="off").status_code == 303  # type: ignore[attr-defined]
    for act, fields in (("test", {}), ("again", {"delivery": 1})):
        refused = press(erin, f"/1/{act}", **fields)
        assert (refused.status_code, "put it on first" in refused.text) == (409, True)  # type: ignore[attr-defined]
    press(erin, "/1/state", state="on")
    another = press(erin, "/1/secret")
    assert re.search(r"whsec_[A-Za-z0-9+/=]{44}", another.text)  # type: ignore[attr-defined]
    assert press(erin, "/1/again", delivery=1).status_code == 303  # type: ignore[attr-defined]
    assert press(erin, "/1/remove").status_code == 400  # type: ignore[attr-defined]
    assert press(erin, "/1/remove", sure="yes").status_code == 303  # type: ignore[attr-defined]
    assert erin.get(f"{PAGE}/1").status_code == 404


def test_a_webhook_that_was_given_up_says_why_and_is_put_on_again(sqlite_house: House) -> None:
    erin = seated(sqlite_house)
    press(erin, **NEW, with_addresses="yes")
    press(erin, "/1/test")
    delivering.deliver(sqlite_house, post=lambda *_, **__: (410, None))
    page = erin.get(f"{PAGE}/1").text
    assert "It was given up." in page
    assert "It answers that it is gone (410)." in page
    press(erin, "/1/state", state="on")
    with sqlite_house.database.read() as session:
        hook = hooks.by_id(session, 1)
    assert (hook.state, hook.why, hook.with_addresses) == (HookState.ON, "", True)


def test_a_webhook_that_cannot_be_is_told_with_what_was_typed(sqlite_house: House) -> None:
    erin = seated(sqlite_house)
    for wrong, told in (
        ({"url": "http://x.example/"}, "begins https://"),
        ({"issue_sent": ""}, "Say what it wants to hear."),
        ({"newsletter": "monday"}, "Expected one of: sunday."),
    ):
        answer = press(erin, **{**NEW, **wrong})
        assert (answer.status_code, told in answer.text) == (422, True), wrong  # type: ignore[attr-defined]
        assert "x.example" in answer.text  # type: ignore[attr-defined]
    assert erin.get(f"{PAGE}/7").status_code == 404
    assert press(erin, "/7/test").status_code == 404  # type: ignore[attr-defined]
