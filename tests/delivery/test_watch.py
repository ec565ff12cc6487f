"""What a sender says while it works: at once what is new, then a line a minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from structlog.testing import capture_logs

from digest.delivery import sender
from digest.delivery.claims import Claim
from digest.delivery.ticks import Results
from digest.delivery.watch import Watch
from digest.errors import SendHalted, TryLater
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, later, names, put_frozen, send_of


def said(logs: Iterable[Mapping[str, Any]], event: str) -> list[Mapping[str, Any]]:
    return [line for line in logs if line["event"] == event]


def test_how_far_and_how_fast_is_said_once_a_minute(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    send = send_of(house, put_frozen(house, names(600)))
    watch, nothing = Watch(house), Results(cast(Claim, None), [], [])
    watch.begins(send, 0)
    with capture_logs() as logs:
        for second in range(1, 151):
            later(house, seconds=1)
            watch.results(send, nothing, 2 * second)
    told = [(line["done"], line["rate"], line["left"]) for line in said(logs, "sending")]
    assert told == [("120 of 600", "2/s", "4 min"), ("240 of 600", "2/s", "3 min")]


def test_a_relay_that_defers_everybody_is_told_of_at_once_then_once_a_minute(
    database: Database, tmp_path: Path
) -> None:
    post = Post({name: [TryLater("450 4.2.0 greylisted")] * 9 for name in names(20)})
    house = a_house(database, tmp_path, post)
    put_frozen(house, names(20))
    watch = Watch(house)
    sender.drain(house, watch=watch)
    with capture_logs() as logs:
        watch.stands()
        watch.stands()
    (line,) = said(logs, "readers are deferred")
    assert (line["readers"], line["why"]) == (20, "450 4.2.0 greylisted")
    assert line["next_try"] == "Sun 29 Nov 08:01 GMT"
    later(house, seconds=60)
    with capture_logs() as logs:
        watch.stands()
    assert len(said(logs, "readers are deferred")) == 1


def test_a_send_that_waits_for_a_person_is_told_at_the_start_and_every_minute(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post(name="smtp", doors=[SendHalted("535 no")]))
    put_frozen(house, names(2))
    sender.drain(house)
    watch = Watch(house)
    with capture_logs() as logs:
        for _ in range(61):  # two minutes and a look at once
            watch.stands()
            later(house, seconds=2)
    assert len(said(logs, "a paused send waits for a person")) == 3
    assert "DIGEST_SMTP_USERNAME" in logs[0]["remedy"]


def test_a_full_disk_is_told_once_a_minute(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    watch = Watch(house)
    with capture_logs() as logs:
        for _ in range(90):
            watch.no_room("the disk is full")
            later(house, seconds=1)
    assert len(said(logs, "sending waits for room on the disk")) == 2
