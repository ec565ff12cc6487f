"""A send from the desk: stopped, let go on, ended, sent again; and what mailboxes answered."""

from __future__ import annotations

import pytest

from digest.bootstrap import House
from digest.delivery import ledger, sender
from digest.model import DeliveryState, SubscriberId
from digest.store import deliveries, sends, troubles
from digest.store.sends import Send
from tests.web.people import PERIOD, TestClient, freeze_draft, put_draft, seated, the_issue
from tests.web.test_public import add

PATH = f"/desk/sunday/{PERIOD}"
NAMES = ("alice@one.example", "dave@two.example", "frank@two.example", "grace@three.example")


@pytest.fixture
def frozen(house: House) -> dict[str, int]:
    """A send that is about to begin, with its four readers' numbers."""
    readers = {name: add(house, name, confirmed=True) for name in NAMES}
    put_draft(house)
    freeze_draft(house)
    return readers


def the_send(house: House) -> Send:
    with house.database.read() as session:
        return sends.of_issue(session, the_issue(house).id)


def note(house: House, reader: int, state: DeliveryState, reply: str) -> None:
    row = deliveries.Delivery(
        subscriber_id=SubscriberId(reader),
        state=state,
        attempts=1,
        reply=reply,
        at=house.clock(),
        due_at=house.clock() if state is DeliveryState.QUEUED else None,
    )
    with house.database.write() as session:
        deliveries.put(session, the_send(house).id, [row])


def press(client: TestClient, button: str, **fields: str) -> int:
    status: int = client.post(f"{PATH}/{button}", data={"csrf": client.csrf, **fields}).status_code  # type: ignore[attr-defined]
    return status


def counts(house: House) -> dict[str, int]:
    with house.database.read() as session:
        found = ledger.counts(session, the_issue(house).id)
    return {state: count for state, count in found.items() if count}


def test_a_send_is_stopped_with_a_reason_and_goes_on(house: House, frozen: dict[str, int]) -> None:
    erin = seated(house, "publisher")
    assert press(erin, "pause", reason="a wrong date") == 303
    page = erin.get(PATH).text
    assert "Erin stopped the sending" in page
    assert "a wrong date" in page
    sender.drain(house)
    assert counts(house) == {"waiting": len(NAMES)}
    assert press(erin, "pause") == 409
    assert press(erin, "resume") == 303
    sender.drain(house)
    assert counts(house) == {"accepted": len(NAMES)}


def test_a_send_is_ended_only_by_who_ticks_the_box(house: House, frozen: dict[str, int]) -> None:
    erin = seated(house, "publisher")
    assert press(erin, "cancel") == 400
    assert press(erin, "cancel", sure="yes") == 303
    assert counts(house) == {"skipped": len(NAMES)}
    page = erin.get(PATH).text
    assert "The sending was cancelled by Erin" in page
    assert press(erin, "cancel", sure="yes") == 409


def test_who_failed_is_sent_to_again_and_those_in_doubt_where_the_box_says_so(
    house: House, frozen: dict[str, int]
) -> None:
    note(house, frozen[NAMES[0]], DeliveryState.FAILED, "552 full")
    note(house, frozen[NAMES[1]], DeliveryState.UNCERTAIN, "lost after the dot")
    erin = seated(house, "publisher")
    press(erin, "pause")
    assert "1 reader failed" in erin.get(PATH).text
    assert press(erin, "resend") == 303
    assert counts(house) == {"queued": 1, "uncertain": 1, "waiting": 2}
    assert press(erin, "resend", uncertain="yes") == 303
    assert counts(house) == {"queued": 2, "waiting": 2}
    assert press(erin, "resend") == 409


def test_the_domains_with_trouble_are_told_with_their_last_answer(
    house: House, frozen: dict[str, int]
) -> None:
    note(house, frozen[NAMES[0]], DeliveryState.FAILED, "552 full")
    for name in NAMES[1:3]:
        note(house, frozen[name], DeliveryState.QUEUED, "451 <later>")
    with house.database.read() as session:
        found = troubles.of_send(session, the_send(house).id)
    assert [(one.domain, one.state, one.readers, one.reply) for one in found] == [
        ("two.example", DeliveryState.QUEUED, 2, "451 <later>"),
        ("one.example", DeliveryState.FAILED, 1, "552 full"),
    ]
    page = seated(house).get(PATH).text
    assert "What mailboxes answered" in page
    assert "451 &lt;later&gt;" in page


def test_an_open_page_hears_that_a_send_moved(house: House, frozen: dict[str, int]) -> None:
    erin = seated(house)
    before = erin.get(f"{PATH}/version").json()["progress"]
    assert f'data-progress="{before}"' in erin.get(PATH).text
    sender.drain(house)
    assert erin.get(f"{PATH}/version").json()["progress"] != before


def test_what_is_not_being_sent_has_no_buttons(house: House) -> None:
    put_draft(house)
    erin = seated(house, "publisher")
    for button, fields in (("pause", {}), ("cancel", {"sure": "yes"}), ("resend", {})):
        assert press(erin, button, **fields) == 409
