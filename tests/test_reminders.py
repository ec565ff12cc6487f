"""Editors are reminded, and the rule of the deadline decides: send, hold or remind, each to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from digest import render
from digest.audience import addresses
from digest.bootstrap import House
from digest.delivery import sender
from digest.model import IssueStatus
from digest.reconcile import DEADLINE_RULE, reconcile
from digest.store import editors, issues, subscribers
from digest.store.engine import Database
from tests.houses import MONDAY, SCHEDULE, make_house
from tests.queue_of import notices_of
from tests.test_reconcile import CUT_OFF, DEADLINE, REMIND, SEND, consent, did, put, the_issue
from tests.web.people import set_clock

HOUR = dt.timedelta(hours=1)
#: From here on nothing is sent without a person.
TOO_LATE = SEND + 6 * HOUR


@pytest.fixture
def ruled(database: Database, tmp_path: Path) -> Callable[[str], House]:
    """A house under a rule, at the cut-off: six stories, Alice to read, Erin to approve, Victor to look."""

    def made(rule: str) -> House:
        text = SCHEDULE.replace("[compose]", f'[approve]\nif_nobody = "{rule}"\n[compose]')
        house = make_house(database, tmp_path, schedule=text)
        reconcile(house, now=MONDAY)
        put(house, 6)
        with database.write() as session:
            alice = [(addresses.parse("alice@example.net"), "Alice")]
            subscribers.import_confirmed(session, "sunday", alice, key=house.key, now=MONDAY)
            editors.add(session, "erin@example.net", name="Erin", role="publisher", now=MONDAY)
            editors.add(session, "victor@example.net", name="Victor", role="viewer", now=MONDAY)
        assert did(house, CUT_OFF) == ["drafted"]
        return house

    return made


def rules(house: House) -> list[str]:
    """What Erin's reminders say of what comes next, oldest first."""
    return [
        one.data["rule"]
        for one in notices_of(house.database, "reminder")
        if one.address == "erin@example.net"
    ]


def mails_to(house: House, address: str) -> list[str]:
    """The raw messages that the outbox holds for somebody."""
    found = [path.read_text(errors="replace") for path in (house.data / "outbox").rglob("*.eml")]
    return [one for one in found if address in one]


def test_send_nobody_decides_and_the_reader_has_the_issue_by_the_rule(
    ruled: Callable[[str], House],
) -> None:
    house = ruled("send")
    assert did(house, REMIND) == ["reminded"]
    assert rules(house) == ["After that it goes out as it is, Sunday 08:00."]
    assert did(house, DEADLINE) == ["approved by the deadline rule"]
    assert did(house, SEND) == ["sending"]
    sender.drain(house)
    assert "sent" in did(house, SEND + HOUR)
    given = the_issue(house).approval
    assert given is not None
    assert given.by == DEADLINE_RULE
    assert len(mails_to(house, "alice@example.net")) == 1
    assert len(rules(house)) == 1


def test_hold_nothing_leaves_until_an_editor_approves_and_then_it_does(
    ruled: Callable[[str], House],
) -> None:
    house = ruled("hold")
    assert did(house, REMIND) == ["reminded"]
    assert rules(house) == ["After that it is held until somebody approves it."]
    assert did(house, DEADLINE) == ["held: nobody approved it by the deadline"]
    for late in (SEND, SEND + HOUR, TOO_LATE + HOUR):
        assert did(house, late) == []
    (held,) = [n for n in notices_of(house.database, "held") if n.address == "erin@example.net"]
    assert held.data["reason"] == "nobody approved it by the deadline"
    consent(house, TOO_LATE + HOUR)
    assert did(house, TOO_LATE + HOUR) == ["sending, 7 h 00 min late"]
    sender.drain(house)
    assert len(mails_to(house, "alice@example.net")) == 1


def test_remind_waits_and_tells_every_hour_until_somebody_approves(
    ruled: Callable[[str], House],
) -> None:
    house = ruled("remind")
    assert did(house, REMIND) == ["reminded"]
    for minute in range(0, 90, 10):
        assert did(house, REMIND + dt.timedelta(minutes=minute)) == []
    assert did(house, DEADLINE) == ["reminded"]
    assert did(house, SEND) == []
    assert did(house, DEADLINE + HOUR) == ["reminded"]
    assert did(house, DEADLINE + HOUR) == []
    assert rules(house)[0].startswith("After that nothing goes out until somebody approves it")
    assert (
        rules(house)[1:]
        == ["Nothing goes out until somebody approves it. It was to leave Sunday 08:00."] * 2
    )
    assert the_issue(house).status is IssueStatus.DRAFT
    consent(house, DEADLINE + HOUR)
    assert did(house, DEADLINE + HOUR) == ["sending, 0 h 30 min late"]
    sender.drain(house)
    assert len(mails_to(house, "alice@example.net")) == 1
    assert did(house, DEADLINE + 3 * HOUR) != ["reminded"]


def test_remind_ends_where_the_catch_up_ends_and_the_issue_is_held(
    ruled: Callable[[str], House],
) -> None:
    house = ruled("remind")
    for hour in range(12):
        did(house, DEADLINE + hour * HOUR)
    issue = the_issue(house)
    assert issue.status is IssueStatus.HELD
    assert issue.reason == "it is 6 h 30 min late: an editor must decide"
    assert len(rules(house)) == 7, "at the deadline and each hour after it"


def test_who_holds_an_issue_is_not_reminded_of_it_every_hour(
    ruled: Callable[[str], House],
) -> None:
    house = ruled("remind")
    with house.database.write() as session:
        issues.move(session, the_issue(house).id, to=IssueStatus.HELD, now=CUT_OFF, reason="wait")
    assert did(house, REMIND) == ["reminded"]
    assert rules(house) == ["After that it is held until somebody approves it."]
    assert did(house, DEADLINE) == []
    assert did(house, DEADLINE + HOUR) == []


def test_after_hours_of_silence_one_reminder_comes_and_not_one_for_each_hour(
    ruled: Callable[[str], House],
) -> None:
    house = ruled("remind")
    assert did(house, DEADLINE + 4 * HOUR) == ["reminded"]
    assert len(rules(house)) == 1


def test_nobody_is_reminded_of_what_is_approved(ruled: Callable[[str], House]) -> None:
    house = ruled("remind")
    consent(house, CUT_OFF)
    assert did(house, REMIND) == []
    assert did(house, DEADLINE) == []
    assert rules(house) == []


def test_the_reminder_arrives_with_both_links_in_both_parts(
    ruled: Callable[[str], House],
) -> None:
    house = ruled("send")
    did(house, REMIND)
    (erins,) = [n for n in notices_of(house.database, "reminder") if "erin" in n.address]
    (victors,) = [n for n in notices_of(house.database, "reminder") if "victor" in n.address]
    edition = the_issue(house).edition
    assert edition is not None
    assert erins.data["approve_url"].endswith(f"/approval/{edition.checksum}")
    for data, links in ((erins.data, 2), (victors.data, 1)):
        schedule = house.schedule("sunday")
        mail = render.render_notice("reminder", data, schedule, public_url=house.public_url)
        for url in (data["desk_url"], data["approve_url"])[:links]:
            assert f'href="{url}"' in mail.html
            assert f"\n{url}\n" in mail.text
        assert mail.html.count("/approval/") == links - 1
    set_clock(house, REMIND)
    sender.drain(house)
    assert len(mails_to(house, "erin@example.net")) == 1
