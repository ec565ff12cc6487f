"""Events reach a program elsewhere: signed, once each as far as that can be, and again until they are heard."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from digest import alarm
from digest.audience import privacy, tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.delivery import reports
from digest.errors import BadInput, FetchError
from digest.hooks import delivering, managing
from digest.hooks.managing import Actor
from digest.model import HookKind, IssueStatus, Report, ReportKind
from digest.reconcile import NOT_MADE
from digest.store import hook_events, hooks, issues, subscribers
from digest.store.engine import Database
from digest.store.hook_events import EventState
from digest.store.hooks import Hook, HookState
from tests.hooks.listening import Listener, listening
from tests.houses import make_house
from tests.web.people import freeze_draft, later, put_draft, send, set_clock, the_issue
from tests.web.test_public import ALICE, add

EVERYTHING = frozenset(HookKind)


@pytest.fixture(scope="module")
def server() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def listener(server: Listener) -> Listener:
    server.heard.clear()
    server.answers.clear()
    server.headers.clear()
    return server


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return dataclasses.replace(make_house(database, tmp_path), fetch_allow=("127.0.0.0/8",))


@pytest.fixture
def sqlite_house(sqlite: Database, tmp_path: Path) -> House:
    return dataclasses.replace(make_house(sqlite, tmp_path), fetch_allow=("127.0.0.0/8",))


def hook_to(house: House, url: str, kinds: frozenset[HookKind] = EVERYTHING, **more: Any) -> Hook:
    return managing.add(Actor(house, "editor:1"), "sunday", url, kinds, **more)[0]


def told(listener: Listener) -> list[str]:
    return [json.loads(body)["type"] for _, body in listener.heard]


def now_of(house: House, number: int = 1) -> Hook:
    with house.database.read() as session:
        return hooks.by_id(session, number)


def event_of(house: House, number: int = 1) -> hook_events.HookEvent:
    with house.database.read() as session:
        return hook_events.by_id(session, number)


def a_test_event(house: House, number: int = 1) -> int:
    return managing.try_it(Actor(house, "editor:1"), now_of(house, number))


def until_due(house: House, number: int = 1) -> None:
    set_clock(house, event_of(house, number).due_at)


def test_everything_that_happens_is_told_in_order_and_signed(
    house: House, listener: Listener
) -> None:
    _, secret = managing.add(Actor(house, "editor:1"), "sunday", listener.url, EVERYTHING)
    reader = add(house, ALICE, confirmed=True)
    put_draft(house)
    with house.database.write() as session:
        for status in (IssueStatus.HELD, IssueStatus.DRAFT):
            issues.move(session, the_issue(house).id, to=status, now=house.clock(), reason="wait")
    with house.database.write() as session:
        subscribers.leave(session, reader, "sunday", now=house.clock(), method="page")
    send(house)
    assert delivering.deliver(house) == 7
    assert told(listener) == [
        "reader.confirmed",
        "issue.drafted",
        "issue.held",
        "reader.left",
        "issue.approved",
        "issue.sending",
        "issue.sent",
    ]
    for headers, body in listener.heard:
        at = dt.datetime.fromtimestamp(int(headers["webhook-timestamp"]), dt.UTC)
        assert at == house.clock()
        signature = headers["webhook-signature"].removeprefix("v1,")
        assert Webhook(secret).sign(headers["webhook-id"], at, body.decode()) == f"v1,{signature}"
    assert len({headers["webhook-id"] for headers, _ in listener.heard}) == 7
    bodies = [json.loads(body)["data"] for _, body in listener.heard]
    assert bodies[3] == {"newsletter": "sunday", "reader": reader, "how": "page"}
    assert (bodies[6]["period"], bodies[6]["number"]) == ("2026-11-29", 1)
    assert ALICE.encode() not in b"".join(body for _, body in listener.heard)
    assert delivering.deliver(house) == 0


def test_what_never_was_committed_is_never_told(house: House, listener: Listener) -> None:
    hook_to(house, listener.url)
    reader = add(house, ALICE, confirmed=False)
    with house.database.read() as session:  # which ends without a commit, as where the power fails
        assert subscribers.confirm(session, reader, "sunday", now=house.clock(), method="form")
    assert delivering.deliver(house) == 0
    assert listener.heard == []


def test_a_webhook_hears_only_what_it_wants_of_its_newsletter_while_it_is_on(
    sqlite_house: House, listener: Listener
) -> None:
    hook = hook_to(sqlite_house, listener.url, frozenset({HookKind.READER_CONFIRMED}))
    reader = add(sqlite_house, ALICE, confirmed=True)
    with sqlite_house.database.write() as session:
        subscribers.leave(session, reader, "sunday", now=sqlite_house.clock(), method="page")
        hooks.tell(session, "monday", HookKind.READER_CONFIRMED, now=sqlite_house.clock())
    managing.change(Actor(sqlite_house, "editor:1"), hook, on=False)
    add(sqlite_house, "bob@gmail.com", confirmed=True)
    managing.change(Actor(sqlite_house, "editor:1"), now_of(sqlite_house), on=True)
    delivering.deliver(sqlite_house)
    assert told(listener) == ["reader.confirmed"]


def test_addresses_are_told_to_whom_asks_for_them_and_never_of_who_was_erased(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, listener.url, with_addresses=True)
    add(sqlite_house, ALICE, confirmed=True)
    add(sqlite_house, "bob@gmail.com", confirmed=True)
    with sqlite_house.database.read() as session:
        assert ALICE not in repr(session.execute(text("SELECT * FROM hook_event")).all())
    privacy.erase(
        sqlite_house.database,
        ALICE,
        key=sqlite_house.key,
        data=sqlite_house.data,
        now=sqlite_house.clock(),
    )
    delivering.deliver(sqlite_house)
    bob, *rest = [json.loads(body) for _, body in listener.heard]
    assert bob["data"]["address"] == "bob@gmail.com"
    assert [one["type"] for one in rest] == ["reader.left", "reader.erased"]
    assert not [one for one in rest if "address" in one["data"]]


def test_that_a_reader_was_erased_is_told_by_the_number_that_was_told(
    house: House, listener: Listener
) -> None:
    hook_to(house, listener.url)
    who = {raw: add(house, raw, confirmed=True) for raw in (ALICE, "left@reader.example")}
    add(house, "asked@reader.example", confirmed=False)
    with house.database.write() as session:
        left = who["left@reader.example"]
        subscribers.leave(session, left, "sunday", now=house.clock(), method="page")
    delivering.deliver(house)
    listener.heard.clear()
    later(house, seconds=1)
    key, now = house.key, house.clock()
    privacy.erase(house.database, ALICE, key=key, data=house.data, now=now)
    due = [("left@reader.example", True), ("asked@reader.example", False)]
    privacy.forget(house.database, due, key=key, now=now)
    delivering.deliver(house)
    heard = [json.loads(body) for _, body in listener.heard]
    assert [(one["type"], one["data"]) for one in heard] == [
        ("reader.left", {"newsletter": "sunday", "reader": who[ALICE], "how": "erased"}),
        ("reader.erased", {"newsletter": "sunday", "reader": who[ALICE]}),
        ("reader.erased", {"newsletter": "sunday", "reader": left}),
    ]
    with house.database.read() as session:
        kept = repr(session.execute(text("SELECT * FROM hook_event")).all())
    assert "reader.example" not in kept


def test_bounces_and_complaints_are_told_once_each(sqlite_house: House, listener: Listener) -> None:
    hook_to(sqlite_house, listener.url)
    add(sqlite_house, ALICE, confirmed=True)
    put_draft(sqlite_house)
    issue = freeze_draft(sqlite_house)
    assert issue.edition is not None
    with sqlite_house.database.read() as session:
        alice = subscribers.by_address(session, parse(ALICE).key)
    assert alice is not None
    proof = tokens.message_key(sqlite_house.key, issue.edition.checksum, alice.handle)
    for kind, status in ((ReportKind.BOUNCED, "5.1.1"), (ReportKind.COMPLAINED, "")):
        report = Report(
            provider="ses",
            event_id=f"{kind}-1",
            kind=kind,
            at=sqlite_house.clock(),
            ref=tokens.ref(alice.handle, proof),
            status=status,
        )
        for _ in range(2):
            reports.apply(
                sqlite_house.database, [report], key=sqlite_house.key, now=sqlite_house.clock()
            )
    delivering.deliver(sqlite_house)
    of_readers = [one for one in told(listener) if one.startswith("reader")]
    assert of_readers == ["reader.confirmed", "reader.bounced", "reader.complained", "reader.left"]


def test_an_event_is_tried_again_for_a_day_and_a_half_under_the_same_id(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, listener.url)
    a_test_event(sqlite_house)
    begun, tries = sqlite_house.clock(), len(delivering.PAUSES) + 1
    listener.answers = [500] * tries
    for attempt in range(tries):
        until_due(sqlite_house)
        assert delivering.deliver(sqlite_house) == 0
        assert delivering.deliver(sqlite_house) == 0, "its time has not come"
        assert len(listener.heard) == attempt + 1
    assert dt.timedelta(hours=35) < sqlite_house.clock() - begun < dt.timedelta(hours=37)
    assert len({headers["webhook-id"] for headers, _ in listener.heard}) == 1
    assert event_of(sqlite_house).state is EventState.FAILED
    hook = now_of(sqlite_house)
    assert (hook.state, hook.why) == (
        HookState.FAILED,
        "nothing has arrived since 23 Nov 06:00 UTC: answered 500",
    )
    with sqlite_house.database.read() as session:
        found = hook_events.tries(session, [1])[1]
    assert [(one.status, one.why) for one in found] == [(500, "answered 500")] * tries


def test_one_event_that_is_refused_costs_its_webhook_nothing_while_others_arrive(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, listener.url)
    poison = a_test_event(sqlite_house)
    for _ in range(len(delivering.PAUSES) + 1):
        until_due(sqlite_house)
        listener.answers = [400]
        delivering.deliver(sqlite_house)
        a_test_event(sqlite_house)
        delivering.deliver(sqlite_house)
    assert event_of(sqlite_house, poison).state is EventState.FAILED
    assert now_of(sqlite_house).state is HookState.ON
    assert now_of(sqlite_house).failing_since is None


def test_the_operator_hears_of_a_webhook_that_was_given_up_and_it_can_go_on(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, listener.url)
    a_test_event(sqlite_house)
    waiting = a_test_event(sqlite_house)
    listener.answers = [410]
    delivering.deliver(sqlite_house)
    assert now_of(sqlite_house).why == "it answers that it is gone (410)"
    new, _ = alarm.look(sqlite_house, now=sqlite_house.clock())
    assert "webhook 1" in new
    later(sqlite_house, hours=2)
    assert delivering.deliver(sqlite_house) == 0
    managing.change(Actor(sqlite_house, "editor:1"), now_of(sqlite_house), on=True)
    assert delivering.deliver(sqlite_house) == 1
    assert event_of(sqlite_house, waiting).state is EventState.DELIVERED
    later(sqlite_house, hours=1)
    _, over = alarm.look(sqlite_house, now=sqlite_house.clock())
    assert "webhook 1" in over


def test_a_risk_is_told_to_the_newsletter_that_it_is_about(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, listener.url, frozenset({HookKind.ISSUE_AT_RISK}))
    put_draft(sqlite_house)
    with sqlite_house.database.write() as session:
        reason = f"{NOT_MADE}: a template is broken"
        issues.move(
            session,
            the_issue(sqlite_house).id,
            to=IssueStatus.HELD,
            now=sqlite_house.clock(),
            reason=reason,
        )
    alarm.look(sqlite_house, now=sqlite_house.clock())
    delivering.deliver(sqlite_house)
    (risk,) = [json.loads(body)["data"] for _, body in listener.heard]
    assert risk["risk"] == "There is no draft of sunday/2026-11-29"


def test_who_asks_for_time_is_given_it(sqlite_house: House, listener: Listener) -> None:
    hook_to(sqlite_house, listener.url)
    a_test_event(sqlite_house)
    listener.answers, listener.headers = [503], {"retry-after": "600"}
    delivering.deliver(sqlite_house)
    assert event_of(sqlite_house).due_at == sqlite_house.clock() + dt.timedelta(minutes=10)


def test_a_redirect_is_not_followed(sqlite_house: House, listener: Listener) -> None:
    hook_to(sqlite_house, listener.url)
    a_test_event(sqlite_house)
    listener.answers, listener.headers = [302], {"location": f"{listener.url}/else"}
    assert delivering.deliver(sqlite_house) == 0
    assert len(listener.heard) == 1


def test_an_address_inside_is_asked_only_where_the_operator_lets_it_through(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, listener.url)
    a_test_event(sqlite_house)
    outside = dataclasses.replace(sqlite_house, fetch_allow=())
    assert delivering.deliver(outside) == 0
    assert listener.heard == []
    with sqlite_house.database.read() as session:
        (attempt,) = hook_events.tries(session, [1])[1]
    assert (attempt.status, attempt.why) == (0, "127.0.0.1 is not a public address")


def test_where_one_gets_no_answer_the_others_wait_and_other_webhooks_do_not(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, "http://127.0.0.1:9/silent")
    hook_to(sqlite_house, listener.url)
    for number in (1, 1, 1, 2):
        a_test_event(sqlite_house, number)
    asked: list[str] = []

    def post(url: str, body: bytes, **given: Any) -> tuple[int, float | None]:
        asked.append(url)
        if "silent" in url:
            raise FetchError(url, "no whole answer in 15 seconds")
        return 200, None

    assert delivering.deliver(sqlite_house, post=post) == 1
    assert len(asked) == 2
    assert set(asked) == {"http://127.0.0.1:9/silent", listener.url}
    assert event_of(sqlite_house, 2).due_at <= sqlite_house.clock(), "the next look tries it"


def test_two_processes_tell_each_event_once(house: House, listener: Listener) -> None:
    hook_to(house, listener.url)
    for _ in range(12):
        a_test_event(house)
    with ThreadPoolExecutor(3) as pool:
        arrived = sum(pool.map(lambda _: delivering.deliver(house), range(3)))
    assert arrived == 12
    assert len({headers["webhook-id"] for headers, _ in listener.heard}) == 12


def test_an_event_is_told_again_on_demand_and_another_secret_signs_at_once(
    sqlite_house: House, listener: Listener
) -> None:
    hook, actor = hook_to(sqlite_house, listener.url), Actor(sqlite_house, "editor:1")
    number = a_test_event(sqlite_house)
    delivering.deliver(sqlite_house)
    _, secret = managing.new_secret(actor, hook)
    managing.again(actor, number)
    delivering.deliver(sqlite_house)
    first, second = listener.heard
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[0]["webhook-signature"] != second[0]["webhook-signature"]
    at = dt.datetime.fromtimestamp(int(second[0]["webhook-timestamp"]), dt.UTC)
    signed = Webhook(secret).sign(second[0]["webhook-id"], at, second[1].decode())
    assert signed == second[0]["webhook-signature"]


def test_after_a_change_of_the_houses_key_nothing_is_signed_with_a_wrong_one(
    sqlite_house: House, listener: Listener
) -> None:
    hook_to(sqlite_house, listener.url)
    a_test_event(sqlite_house)
    other = dataclasses.replace(sqlite_house, key=b"o" * 32)
    assert delivering.deliver(other) == 0
    assert listener.heard == []
    with sqlite_house.database.read() as session:
        assert "make a new one" in hook_events.tries(session, [1])[1][0].why


@pytest.mark.parametrize(
    "url",
    [
        "http://x.example/",
        "ftp://x.example/",
        "https://",
        "https://u:p@x.example/",
        "https://x.example/#part",
        "https://x.example/a b",
        "https://x.example:8443/",
        "https://x.example:99999/",
        "https://é.example/",
        "https://[::1",
        "https://x.example/" + "a" * 1000,
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_may_not_be_told_anything_is_refused(
    sqlite: Database, tmp_path: Path, url: str
) -> None:
    house = make_house(sqlite, tmp_path)
    with pytest.raises(BadInput):
        managing.add(Actor(house, "editor:1"), "sunday", url, EVERYTHING)


def test_a_newsletter_has_so_many_webhooks_and_each_wants_something(sqlite_house: House) -> None:
    with pytest.raises(BadInput, match="hear"):
        hook_to(sqlite_house, "https://x.example/", frozenset())
    for number in range(managing.MOST):
        hook_to(sqlite_house, f"https://x.example/{number}")
    with pytest.raises(BadInput, match="most"):
        hook_to(sqlite_house, "https://x.example/more")
