"""Notices beside a send: a database that is away for a moment ends neither them nor the send."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from digest.delivery import beside, sender
from digest.errors import Busy
from digest.store import notices
from digest.store.engine import Database, Session
from tests.delivery.sundays import Post, a_house, names, put_frozen, states
from tests.delivery.test_notices import BOB, queue


@pytest.mark.parametrize("error", [Busy("away for a moment"), ZeroDivisionError("a defect")])
def test_notices_that_cannot_be_looked_for_once_are_looked_for_again(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(beside, "EVERY_S", 0.01)
    looks: list[int] = []
    real = notices.any_due

    def fails_at_first(session: Session, **given: object) -> bool:
        looks.append(post.asked.total())
        if len(looks) in (2, 3):  # the first is the sender's own, before anything is opened
            raise error
        return real(session, **given)  # type: ignore[arg-type]

    asking = threading.Thread(
        target=lambda: queue(house)
    )  # beside the sender, whose tick may be writing

    def bob_asks(recipient: str) -> None:
        if post.asked.total() >= 5 and asking.ident is None:
            asking.start()

    def until_bob_is_served(recipient: str) -> bool:
        return asking.ident is not None and recipient != BOB and not post.accepted[BOB]

    monkeypatch.setattr(notices, "any_due", fails_at_first)
    post = Post(at=bob_asks, waits=until_bob_is_served)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(400))
    with capture_logs():  # a trace is drawn for a second, as long as this send
        assert sender.drain(house).notices == 1
    asking.join()
    assert len(looks) > 3
    assert post.accepted[BOB] == 1
    assert states(house, issue) == {"accepted": 400}


def test_a_notice_that_cannot_be_claimed_stops_no_send(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def taken(*args: object) -> Iterator[bool]:
        raise Busy("away")
        yield True

    post = Post()
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(3))
    queue(house)
    monkeypatch.setattr("digest.delivery.notices._alone", taken)
    assert sender.drain(house).notices == 0
    assert states(house, issue) == {"accepted": 3}
