"""What the pages of every_page.py are seen in: houses, and what comes about in them, one scene after another."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

from digest.audience import signup
from digest.bootstrap import House
from digest.delivery import freeze, sender, steer
from digest.demo import run as demo
from digest.model import DeliveryState, Issue, SubscriberId
from digest.reconcile import reconcile
from digest.store import deliveries, issues, migrate, sends, unpublished
from digest.store.engine import Database
from tests.houses import SetClock, make_house
from tests.web import lived_in
from tests.web.people import seated, set_clock
from tests.web.test_importing import press as confirm
from tests.web.test_importing import upload
from tests.web.test_moves import ask as ask_to_move
from tests.web.test_public import add, ask

PERIOD = demo.WEEK.isoformat()
READER = "alice@example.net"
READERS = "email,name,status,timezone\nann@r.example,Ann Lee,subscribed,Mars/Olympus\nben@r.example,Ben,unsubscribed,\nno address,,subscribed,\n"

Act_ = Callable[[House], None]


def the_issue(house: House) -> Issue:
    with house.database.read() as session:
        found = issues.get(session, "sunday", PERIOD)
    assert found is not None
    return found


def _approved(house: House) -> None:
    issue = the_issue(house)
    assert issue.edition is not None
    with house.database.write() as session:
        issues.approve(
            session,
            issue.id,
            issue.edition.checksum,
            by="Erin",
            now=house.clock(),
            note="Good week",
        )


def _sending(house: House) -> None:
    """Half of the readers have it, some mailboxes do not want it, two are in doubt."""
    issue = the_issue(house)
    set_clock(house, issue.moments.send_at)
    freeze.freeze(house, issue, now=house.clock())
    with house.database.write() as session:
        send = sends.of_issue(session, issue.id)
        ids = range(1, 121)
        rows = [_delivery(number, house.clock()) for number in ids]
        deliveries.put(session, send.id, rows)


def _delivery(number: int, at: dt.datetime) -> deliveries.Delivery:
    state, reply = DeliveryState.ACCEPTED, "250 2.0.0 Ok"
    if number % 40 == 1:
        state, reply = DeliveryState.FAILED, "550 5.1.1 no such user"
    elif number % 40 == 2:
        state, reply = DeliveryState.QUEUED, "451 4.7.1 greylisted, come back in five minutes"
    elif number in (50, 90):
        state, reply = DeliveryState.UNCERTAIN, "the connection was lost"
    due = at + dt.timedelta(minutes=5) if state is DeliveryState.QUEUED else None
    return deliveries.Delivery(
        subscriber_id=SubscriberId(number), state=state, attempts=1, reply=reply, at=at, due_at=due
    )


def _paused(house: House) -> None:
    steer.pause(house, the_issue(house), by="Erin", why="a wrong date", now=house.clock())


def _cancelled(house: House) -> None:
    steer.cancel(house, the_issue(house), by="Erin", now=house.clock())


def _sent(house: House) -> None:
    """All the way, by the deadline's rule."""
    moments = the_issue(house).moments
    for at in (moments.remind_at, moments.deadline_at, moments.send_at):
        set_clock(house, at + dt.timedelta(seconds=1))
        reconcile(house, now=house.clock())
    sender.drain(house, until_empty=True)
    reconcile(house, now=house.clock())


def _off_the_web(house: House) -> None:
    with house.database.write() as session:
        unpublished.take_down(
            session, the_issue(house).id, by="Erin", why="a name was wrong", now=house.clock()
        )


def _held(house: House) -> None:
    with house.database.write() as session:
        issue = the_issue(house)
        issues.move(
            session,
            issue.id,
            to=issues.HELD,
            now=house.clock(),
            reason="the harbour story is being checked",
        )


def _again(house: House) -> None:
    """A draft once more, before the deadline."""
    with house.database.write() as session:
        issues.move(session, the_issue(house).id, to=issues.DRAFT, now=house.clock())


def _nothing(house: House) -> None:
    """As it was made."""


def _empty(folder: Path) -> House:
    """A newsletter before its first story."""
    (folder / "data").mkdir(parents=True)
    database = Database(f"sqlite:///{folder / 'data' / 'digest.db'}")
    migrate.upgrade(database)
    return make_house(database, folder)


def _saturday(folder: Path) -> House:
    """The demo's Saturday evening; Alice reads, moves, and Bob has not confirmed yet."""
    house = _demo(folder, readers=160)
    add(house, READER, confirmed=True)
    ask(house, "bob@example.net")
    signup.settle(house, now=house.clock())
    ask_to_move(house)
    _readers_taken_over(house)
    return house


def _readers_taken_over(house: House) -> None:
    """One file waits for a yes, another one was taken over."""
    admin = seated(house)
    upload(admin, READERS, "subscribed_members_export.csv")
    path = upload(admin, READERS.replace("r.example", "s.example"), "the_old_list.csv")
    confirm(admin, f"{path}/confirm", sure="yes")


def _demo(folder: Path, *, readers: int) -> House:
    house = demo.saturday(folder, readers=readers)
    return dataclasses.replace(house, clock=SetClock(house.clock()))


#: What a scene goes on in, and how each is made.
HOUSES: Mapping[str, Callable[[Path], House]] = {
    "empty": _empty,
    "saturday": _saturday,
    "sunday": lambda folder: _demo(folder, readers=60),
    "lived in": lived_in.house,
}
#: Scenes in the order in which they come about: name, its house, what happens.
SCENES: tuple[tuple[str, str, Act_], ...] = (
    ("empty", "empty", _nothing),
    ("saturday", "saturday", _nothing),
    ("held", "saturday", _held),
    ("draft again", "saturday", _again),
    ("approved", "saturday", _approved),
    ("sending", "saturday", _sending),
    ("paused", "saturday", _paused),
    ("cancelled", "saturday", _cancelled),
    ("sent", "sunday", _sent),
    ("off the web", "sunday", _off_the_web),
    ("lived in", "lived in", _nothing),
    ("two subjects", "lived in", lived_in.two_subjects),
    ("two subjects, sending", "lived in", lived_in.on_its_way),
    ("two subjects, decided", "lived in", lived_in.decided),
)
