"""Tokens at the desk: given with what they may do, shown once, taken back."""

from __future__ import annotations

import re

from digest.bootstrap import House
from digest.store import api_tokens, events
from tests.web.people import TestClient, later, seated, visitor

PAGE = "/desk/house/tokens"


def press(client: TestClient, act: str = "", **fields: object) -> object:
    return client.post(f"{PAGE}{act}", data={"csrf": client.csrf, **fields})  # type: ignore[attr-defined]


def works(client: TestClient, secret: str) -> bool:
    headers = {"authorization": f"Bearer {secret}"}
    answer = visitor(client.app.state.house, beside=client).get("/api/v1/token", headers=headers)  # type: ignore[attr-defined]
    return bool(answer.status_code == 200)


def test_a_token_is_made_for_what_is_ticked_shown_once_and_taken_back(sqlite_house: House) -> None:
    erin = seated(sqlite_house)
    ticked = {"articles_write": "yes", "issues_read": "yes"}
    made = press(erin, name="The <site>", days="7", **ticked)
    (secret,) = re.findall(r"sct_[A-Za-z0-9_-]{43}", made.text)  # type: ignore[attr-defined]
    assert "The &lt;site&gt;" in made.text  # type: ignore[attr-defined]
    assert works(erin, secret)
    page = erin.get(PAGE).text
    assert secret not in page
    assert f"{secret[:8]}…" in page
    assert "push articles, and take them off" in page
    with sqlite_house.database.read() as session:
        (token,) = api_tokens.all(session)
    assert sorted(token.scopes) == ["articles:write", "issues:read"]
    assert (token.expires_at - sqlite_house.clock()).days == 7
    assert press(erin, "/revoke", token=token.id).status_code == 400, "the box is not ticked"  # type: ignore[attr-defined]
    assert press(erin, "/revoke", token=token.id, sure="yes").status_code == 303  # type: ignore[attr-defined]
    assert not works(erin, secret)
    assert "1 token works no more" in erin.get(PAGE).text
    with sqlite_house.database.read() as session:
        lines = list(events.each(session, events.Wanted(subject="token:1")))
    assert [one.action for one in lines] == ["made a token", "revoked a token"]
    assert secret not in repr(lines)


def test_a_form_that_gives_nothing_is_told_so_and_keeps_what_was_ticked(
    sqlite_house: House,
) -> None:
    erin = seated(sqlite_house)
    empty = press(erin, name="The site", days="90")
    assert (empty.status_code, "Say what it may do." in empty.text) == (422, True)  # type: ignore[attr-defined]
    blank = press(erin, name="  ", days="90", readers_read="yes")
    assert blank.status_code in (400, 422)  # type: ignore[attr-defined]
    for days in ("0", "366", "forever"):
        assert press(erin, name="x", days=days, readers_read="yes").status_code == 400  # type: ignore[attr-defined]
    assert press(erin, "/revoke", token=9, sure="yes").status_code == 404  # type: ignore[attr-defined]
    with sqlite_house.database.read() as session:
        assert api_tokens.all(session) == []


def test_tokens_are_given_right_after_a_login_only(sqlite_house: House) -> None:
    erin = seated(sqlite_house)
    later(sqlite_house, minutes=20)
    assert erin.get(PAGE).status_code == 200
    answer = press(erin, name="The site", days="90", readers_read="yes")
    assert answer.headers["location"] == f"/desk/fresh?then={PAGE}"  # type: ignore[attr-defined]
