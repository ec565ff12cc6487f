"""Clicks judged: people count, machines are counted apart, whoever opens a link twice counts once."""

from __future__ import annotations

from collections import Counter

import pytest

from digest import clicks
from digest.clicks import HOLD, REMEMBER, Judge, Kind, Visit

BEGAN = 1_000.0
NOON = BEGAN + 4 * 3600


def visit(
    code: str, at: float = NOON, *, who: str = "ann", net: str = "home", **more: object
) -> Visit:
    fields: dict[str, object] = {"links": 20, "issue": 1, "began": BEGAN, **more}
    return Visit(at=at, code=code, browser=who.encode(), network=net.encode(), **fields)  # type: ignore[arg-type]


def kinds(judge: Judge, *, at: float = NOON + 2 * HOLD) -> Counter[Kind]:
    found: Counter[Kind] = Counter()
    for (_, _, kind), count in judge.ripe(at).items():
        found[kind] += count
    return found


def judged(*visits: Visit) -> Counter[Kind]:
    judge = Judge()
    for one in visits:
        judge.take(one)
    return kinds(judge)


def test_a_reader_who_opens_three_stories_is_three_human_clicks() -> None:
    assert judged(*(visit(code, NOON + n * 4) for n, code in enumerate("abc"))) == {Kind.HUMAN: 3}


def test_the_same_browser_at_the_same_story_counts_once() -> None:
    again = (visit("a"), visit("a", NOON + 1), visit("a", NOON + 40), visit("a", who="bob"))
    assert judged(*again) == {Kind.HUMAN: 2, Kind.REPEAT: 2}


def test_the_same_browser_at_the_same_story_of_another_issue_is_another_click() -> None:
    assert judged(visit("a"), visit("a", issue=2)) == {Kind.HUMAN: 2}


def test_one_place_that_opens_five_links_in_ten_seconds_is_a_machine_from_its_first_on() -> None:
    assert judged(*(visit(code, NOON + n) for n, code in enumerate("abcde"))) == {Kind.BURST: 5}


def test_five_links_in_a_minute_are_a_reader_with_many_tabs() -> None:
    slow = [visit(code, NOON + 12 * n) for n, code in enumerate("abcde")]
    assert judged(*slow) == {Kind.HUMAN: 5}


def test_a_scanner_that_takes_its_time_is_known_by_how_many_it_opens() -> None:
    slow = [visit(code, NOON + 5 * n) for n, code in enumerate("abcdefghijkl")]
    assert judged(*slow) == {Kind.BURST: 12}


def test_of_a_short_edition_all_its_links_are_enough() -> None:
    assert judged(*(visit(code, links=3) for code in "abc")) == {Kind.BURST: 3}
    assert judged(*(visit(code, links=2) for code in "ab")) == {Kind.HUMAN: 2}


def test_scanners_that_share_the_work_in_one_network_are_seen_as_one() -> None:
    """Each opens a link or two, under a name of its own."""
    codes = "abcdefghijklmnop"
    shared = [visit(code, NOON + n / 4, who=str(n // 2)) for n, code in enumerate(codes)]
    found = judged(*shared)
    assert found == {Kind.BURST: 16}


def test_a_crowd_of_one_network_that_reads_the_same_stories_are_people() -> None:
    crowd = [visit("abcde"[n % 5], NOON + n / 50, who=str(n)) for n in range(400)]
    assert judged(*crowd) == {Kind.HUMAN: 400}


def test_what_was_a_machine_stays_one_for_a_while_and_not_for_ever() -> None:
    judge = Judge()
    for n, code in enumerate("abcde"):
        judge.take(visit(code, NOON + n))
    judge.take(visit("f", NOON + 300))
    assert kinds(judge, at=NOON + 400) == {Kind.BURST: 6}
    later = NOON + 300 + REMEMBER + HOLD
    judge.ripe(later)
    judge.take(visit("g", later))
    assert kinds(judge, at=later + HOLD) == {Kind.HUMAN: 1}


def test_a_head_tells_on_who_sent_it_before_or_after() -> None:
    judge = Judge()
    judge.take(visit("a"))
    judge.asks_as_programs_do(b"ann", 1, at=NOON + 1)
    judge.take(visit("b", NOON + 2))
    judge.take(visit("a", NOON + 2, who="bob"))
    assert kinds(judge) == {Kind.BURST: 2, Kind.HUMAN: 1}


def test_what_is_opened_in_the_first_minute_of_a_send_was_read_by_nobody() -> None:
    assert judged(visit("a", BEGAN + 59)) == {Kind.EARLY: 1}
    assert judged(visit("a", BEGAN + 61)) == {Kind.HUMAN: 1}


def test_nothing_is_judged_before_its_minute_is_over_but_at_the_end_all_is() -> None:
    judge = Judge()
    judge.take(visit("a"))
    assert not judge.ripe(NOON + HOLD - 1)
    assert not judge.is_idle
    assert judge.ripe(NOON, all_of_them=True) == {(1, "a", Kind.HUMAN): 1}
    assert judge.is_idle


def test_a_new_day_knows_no_browser_of_the_old_one() -> None:
    judge = Judge()
    judge.take(visit("a"))
    assert kinds(judge) == {Kind.HUMAN: 1}
    judge.new_day()
    judge.take(visit("a"))
    assert kinds(judge) == {Kind.HUMAN: 1}


def test_memory_has_an_end_in_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks, "MOST_WAITING", 10)
    monkeypatch.setattr(clicks, "MOST_SEEN", 5)
    monkeypatch.setattr(clicks, "MOST_PLACES", 7)
    judge = Judge()
    for n in range(50):
        judge.take(visit("a", who=str(n), net=str(n)))
    assert sum(judge.ripe(NOON).values()) == 40
    assert len(judge._seen) == 5
    assert len(judge._opened) == 7


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"user-agent": CHROME}, None),
        ({"user-agent": CHROME, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, None),
        ({"user-agent": CHROME, "sec-purpose": "prefetch;prerender"}, Kind.PREFETCH),
        ({"user-agent": CHROME, "purpose": "prefetch"}, Kind.PREFETCH),
        ({"user-agent": CHROME, "x-purpose": "preview"}, Kind.PREFETCH),
        ({"user-agent": CHROME, "x-moz": "prefetch"}, Kind.PREFETCH),
        ({"user-agent": CHROME, "sec-fetch-mode": "no-cors"}, Kind.PREFETCH),
        ({"user-agent": "SafeLinks/1.0"}, Kind.AGENT),
        ({"user-agent": "Barracuda Sentinel (EE)"}, Kind.AGENT),
        ({"user-agent": ""}, Kind.AGENT),
        ({}, Kind.AGENT),
    ],
)
def test_a_request_says_of_itself_what_it_is(headers: dict[str, str], kind: Kind | None) -> None:
    assert clicks.told(headers, is_crawler=False) is kind


def test_a_program_that_a_list_knows_is_one() -> None:
    assert clicks.told({"user-agent": "curl/8.5"}, is_crawler=True) is Kind.AGENT
