"""Notices on their way: the same provider, before any send; at most a crash sends one twice."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest import logs, render
from digest.delivery import chunks
from digest.delivery.compile import compile_notice, envelope_of
from digest.delivery.house import DeliveryHouse
from digest.delivery.lines import Line
from digest.delivery.owner import owner_of
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import DeliveryState, Message
from digest.store import notices
from digest.store.notices import Notice

log = logs.get(__name__)

#: A notice is news for a day.
GIVE_UP = dt.timedelta(hours=24)


async def send_due(house: DeliveryHouse, line: Line) -> int:
    """Send every notice that is due; says how many were settled. Another process at it: none."""
    with _alone(house.flight) as alone:
        if not alone:
            return 0
        owner, settled = owner_of(house.flight), 0
        with house.database.read() as session:
            if not notices.pending(session):
                return 0
        with house.database.write() as session:
            notices.reclaim(session, owner=owner)
        while batch := _claim(house, owner):
            for notice in batch:
                settled += await _send(house, line, notice)
        return settled


def _claim(house: DeliveryHouse, owner: str) -> list[Notice]:
    with house.database.write() as session:
        return notices.claim(session, owner=owner, now=house.clock())


async def _send(house: DeliveryHouse, line: Line, notice: Notice) -> bool:
    """One notice; True if it is settled. Logged by id, for its address is nobody's business."""
    try:
        message = _message(house, notice)
        receipt = await line.send(message, on_wire=_nothing, off_wire=_nothing)
    except (TryLater, SendHalted) as error:
        return _put_back(house, notice, error.reply)
    except Refused as error:
        return _settle(house, notice, DeliveryState.FAILED, error.reply)
    except Uncertain as error:
        return _settle(house, notice, DeliveryState.UNCERTAIN, error.reply)
    except Exception as error:
        log.exception("a notice could not be made", notice=notice.id, kind=notice.kind)
        return _settle(house, notice, DeliveryState.FAILED, f"not made: {type(error).__name__}")
    return _settle(house, notice, DeliveryState.ACCEPTED, receipt.reply)


def _message(house: DeliveryHouse, notice: Notice) -> Message:
    schedule = house.schedules[notice.newsletter]
    rendered = render.render_notice(notice.kind, notice.data, schedule, public_url=house.public_url)
    envelope = envelope_of(schedule, notice.created_at, house.public_url)
    return compile_notice(rendered, envelope, notice.address, f"notice-{notice.id}")


def _settle(house: DeliveryHouse, notice: Notice, state: DeliveryState, reply: str) -> bool:
    with house.database.write() as session:
        notices.settle(session, notice.id, state, reply=reply)
    log.info("notice settled", notice=notice.id, kind=notice.kind, state=state.value)
    return True


def _put_back(house: DeliveryHouse, notice: Notice, reply: str) -> bool:
    now = house.clock()
    if now - notice.created_at > GIVE_UP:
        return _settle(house, notice, DeliveryState.FAILED, f"given up: {reply}")
    due = chunks.retry_at(now, notice.attempts, base_s=house.retry_base_s, asked_s=None)
    with house.database.write() as session:
        notices.put_back(session, notice.id, reply=reply, due_at=due)
    return False


@contextmanager
def _alone(flight: Path) -> Iterator[bool]:
    """True while no other process of this data folder sends notices; the lock dies with its holder."""
    flight.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(flight / "notices.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _nothing() -> None:
    """A notice has no place in a map."""
