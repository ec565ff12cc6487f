"""Records that were there and are gone: told at the second look, and never what was not there before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from digest import dns_watch
from digest.dns_watch import Seen, judged
from digest.domains.records import Finding
from digest.store.engine import Database
from digest.vigilance import Vigilance
from tests.houses import MONDAY

SPF, DKIM = Finding("spf a.example", True, "v=spf1"), Finding("dkim a.example", False, "no key")
NO_SPF = Finding("spf a.example", False, "no record")
NOBODY = Finding("dns", False, "nobody answers")


def test_what_was_never_right_is_not_gone() -> None:
    seen = judged(Seen(), [SPF, DKIM])
    assert seen == Seen(fine=["spf a.example"])
    assert judged(seen, [SPF, DKIM]) == seen


def test_what_was_right_is_gone_at_the_second_look_and_back_at_the_first() -> None:
    once = judged(judged(Seen(), [SPF]), [NO_SPF])
    assert once.suspect == ["spf a.example"]
    assert once.gone == {}
    twice = judged(once, [NO_SPF])
    assert twice.gone == {"spf a.example": "no record"}
    assert judged(twice, [NO_SPF]).gone == twice.gone
    assert judged(twice, [SPF]) == Seen(fine=["spf a.example"])


def test_where_nobody_answers_nothing_is_learnt() -> None:
    seen = judged(Seen(), [SPF])
    assert judged(seen, [NOBODY]) == seen


def test_it_is_asked_once_a_day_and_an_hour_after_a_doubt(sqlite: Database) -> None:
    answers = [[SPF], [NO_SPF], [NO_SPF], [SPF]]
    asked: list[dt.datetime] = []

    def ask() -> Iterator[Finding]:
        asked.append(now)
        yield from answers[len(asked) - 1]

    gone: list[bool] = []
    for hours in range(0, 51):
        now = MONDAY + dt.timedelta(hours=hours)
        if dns_watch.look(sqlite, Vigilance(ask_dns=ask if len(asked) < 4 else None), now=now):
            with sqlite.read() as session:
                gone.append(bool(dns_watch.gone(session)))
    assert [int((one - MONDAY).total_seconds() // 3600) for one in asked] == [0, 24, 25, 26]
    assert gone == [False, False, True, False]
