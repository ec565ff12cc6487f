"""The button for a proof: to the own address of whoever has a seat, and its link does nothing."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import sender
from digest.store import events, issues, notices
from tests.web.people import PERIOD, field, put_draft, seated, visitor

PATH = f"/desk/sunday/{PERIOD}"


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_a_seat_gets_a_proof_at_its_own_address(sqlite_house: House, role: str) -> None:
    put_draft(sqlite_house)
    client = seated(sqlite_house, role)
    page = client.get(PATH).text
    form = {"csrf": field(page, "csrf")}
    answer = client.post(f"{PATH}/proof", data=form)
    assert answer.status_code == 303
    assert "A proof is on its way to you" in client.get(answer.headers["location"]).text
    assert "A proof is on its way to you" not in page
    with sqlite_house.database.read() as session:
        (waiting,) = notices.queued(session)
        assert [one.action for one in events.recent(session, limit=1)] == ["sent a proof"]
    assert (waiting.kind, waiting.address) == ("proof", f"erin.{role}@example.net")
    assert sender.drain(sqlite_house).notices == 1


def test_no_address_can_be_named_and_no_other_page_can_press_the_button(
    sqlite_house: House,
) -> None:
    put_draft(sqlite_house)
    client = seated(sqlite_house)
    csrf = client.csrf  # type: ignore[attr-defined]
    named = {"csrf": csrf, "to": "bob@reader.example"}
    assert client.post(f"{PATH}/proof", data=named).status_code == 400
    assert client.post(f"{PATH}/proof", data={"csrf": "x" * 22}).status_code == 403
    client.headers["sec-fetch-site"] = "cross-site"
    assert client.post(f"{PATH}/proof", data={"csrf": csrf}).status_code == 403
    assert visitor(sqlite_house).post(f"{PATH}/proof", data={"csrf": csrf}).status_code == 303
    assert client.get(f"{PATH}/proof").status_code == 405
    with sqlite_house.database.read() as session:
        assert not notices.queued(session)


def test_an_issue_without_a_draft_has_no_proof(sqlite_house: House) -> None:
    schedule = sqlite_house.schedule("sunday")
    moments = schedule.calendar.moments(dt.date.fromisoformat(PERIOD))
    with sqlite_house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=sqlite_house.clock())
    client = seated(sqlite_house)
    assert "Send me a proof" not in client.get(PATH).text
    csrf = client.csrf  # type: ignore[attr-defined]
    answer = client.post(f"{PATH}/proof", data={"csrf": csrf})
    assert answer.status_code == 409
    assert "No proof was sent" in answer.text


def test_the_link_of_a_proof_leads_to_a_page_that_does_nothing(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    token = tokens.leave_token(sqlite_house.key, "sunday", tokens.NOBODY)
    client = visitor(sqlite_house)
    shown = client.get(f"/leave/sunday/{token}")
    assert shown.status_code == 200
    assert "Nobody’s link" in shown.text
    assert not re.search("<form|<button", shown.text.partition("<main")[2])
    pressed = client.post(f"/leave/sunday/{token}", content=b"List-Unsubscribe=One-Click")
    assert pressed.status_code == 200
    assert "You have left" not in pressed.text
