"""Signing up without a page: limits, links, the breaker, and what becomes of a wish."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from digest.audience import breaker, caps, confirmation, disposable, signup, tokens, unsubscribe
from digest.audience.addresses import parse
from digest.audience.confirmation import Confirmation, Outcome
from digest.audience.signup import Answer, Asking
from digest.bootstrap import House
from digest.delivery import freeze
from digest.errors import BadInput
from digest.model import SubscriptionStatus
from digest.store import (
    consents,
    counters,
    editors,
    events,
    issues,
    subscribers,
    suppressions,
    wishes,
)
from digest.store.engine import Database
from tests.houses import SCHEDULE, make_house
from tests.queue_of import notices_of
from tests.web.people import put_draft, the_issue

NOW = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
KEY = b"k" * 32
URL = "http://127.0.0.1:8000"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house with two newsletters, whose breaker is far away."""
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / "harbour.toml").write_text(SCHEDULE.replace("Sunday", "Harbour"))
    return dataclasses.replace(make_house(database, tmp_path), breaker=1000)


def ask(house: House, address: str, *, now: dt.datetime = NOW, **changes: str) -> Answer:
    """Somebody asks from an address of the internet of their own, and the wish is looked at."""
    asking = Asking(
        newsletter="sunday",
        address=address,
        asker=address,
        network=f"net of {address}",
        wording="You ask for it.",
        language="en",
    )
    answer = signup.ask(house, dataclasses.replace(asking, **changes), now=now)
    signup.settle(house, now=now)
    return answer


def put(house: House, *addresses: str, now: dt.datetime = NOW, worked: bool = False) -> None:
    """Wishes that came through the door, not looked at yet."""
    with house.database.write() as session:
        for address in addresses:
            wish = wishes.Wish(
                newsletter="sunday",
                address_hash=tokens.address_hash(KEY, parse(address).key),
                address=address,
                network="",
                method="form",
                wording="",
                asked_at=now,
                worked=worked,
            )
            wishes.put(session, wish)


def links(house: House) -> list[str]:
    """The secrets in the queued mails, oldest first."""
    queued = notices_of(house.database, "confirm")
    return [str(notice.data["confirm_url"]).removeprefix(f"{URL}/confirm/") for notice in queued]


def confirm(house: House, secret: str, *, now: dt.datetime = NOW) -> Outcome:
    return confirmation.confirm(house, secret, network="", now=now).outcome


def look(house: House, secret: str, *, now: dt.datetime = NOW) -> Confirmation:
    return confirmation.look(house.database, secret, now=now)


def status(house: House, address: str) -> SubscriptionStatus | None:
    with house.database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
        return subscribers.status(session, reader.id, "sunday") if reader else None


def leave(house: House, address: str, *, now: dt.datetime = NOW) -> None:
    with house.database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
    assert reader is not None
    token = tokens.leave_token(KEY, "sunday", reader.handle)
    assert unsubscribe.leave(house.database, "sunday", token, key=KEY, now=now)


def test_the_mail_goes_to_the_address_and_carries_the_link(house: House) -> None:
    assert ask(house, "Bob@example.net") is Answer.HEARD
    (notice,) = notices_of(house.database, "confirm")
    assert (notice.kind, notice.newsletter, notice.address) == (
        "confirm",
        "sunday",
        "Bob@example.net",
    )
    assert notice.data["confirm_url"].startswith(f"{URL}/confirm/")
    assert set(notice.data) == {"confirm_url"}, "nothing that the asker could choose"


def test_a_wish_is_pending_until_its_link_confirms_it(house: House) -> None:
    ask(house, "bob@example.net")
    (secret,) = links(house)
    assert look(house, secret).outcome is Outcome.OPEN
    assert status(house, "bob@example.net") is SubscriptionStatus.PENDING
    assert confirm(house, secret) is Outcome.DONE
    assert status(house, "bob@example.net") is SubscriptionStatus.CONFIRMED
    assert confirm(house, secret) is Outcome.ALREADY
    assert look(house, secret) == Confirmation(Outcome.ALREADY, "sunday")


def test_a_confirmation_is_in_the_audit_log_without_the_address(house: House) -> None:
    ask(house, "bob@example.net")
    confirm(house, links(house)[0])
    with house.database.read() as session:
        (event,) = events.recent(session, limit=5)
    assert (event.action, event.subject) == ("confirmed", "sunday")
    assert event.actor.startswith("subscriber:")
    assert "example.net" not in str(event)


def test_what_is_no_address_changes_nothing(house: House) -> None:
    with pytest.raises(BadInput):
        ask(house, "bob@")
    assert links(house) == []


def test_a_reader_and_a_suppressed_address_get_no_mail(house: House) -> None:
    ask(house, "alice@example.net")
    confirm(house, links(house)[0])
    with house.database.write() as session:
        hashed = tokens.address_hash(KEY, parse("dave@example.net").key)
        suppressions.add(session, hashed, reason="complaint", now=NOW)
    later = NOW + dt.timedelta(days=2)
    assert ask(house, "alice@example.net", now=later) is Answer.HEARD
    assert ask(house, "dave@example.net", now=later) is Answer.HEARD
    assert len(links(house)) == 1


def test_two_spellings_of_one_address_share_its_limit(house: House) -> None:
    ask(house, "bob@example.net", asker="one")
    ask(house, "Bob+news@Example.net", asker="two")
    assert len(links(house)) == 1


def test_a_second_newsletter_of_the_same_day_is_confirmed_by_its_own_link(
    house: House,
) -> None:
    for newsletter in ("sunday", "harbour", "harbour"):
        ask(house, "bob@example.net", newsletter=newsletter)
    first, second = links(house)
    assert confirmation.confirm(house, second, network="", now=NOW).newsletter == "harbour"
    assert confirmation.confirm(house, first, network="", now=NOW).newsletter == "sunday"
    with house.database.read() as session:
        for newsletter in ("sunday", "harbour"):
            assert subscribers.counts(session, newsletter)[SubscriptionStatus.CONFIRMED] == 1


def test_an_address_gets_five_mails_a_day_over_all_newsletters(house: House) -> None:
    names = ["n" * 38 + f"-{n}" for n in range(7)]
    many = dataclasses.replace(house, schedules=dict.fromkeys(names, house.schedule("sunday")))
    for name in names:
        ask(many, "bob@example.net", newsletter=name, asker=name)
    assert len(links(house)) == 5
    ask(house, "bob@example.net", now=NOW + DAY)
    assert len(links(house)) == 6


def test_the_second_mails_link_says_that_the_first_has_confirmed(house: House) -> None:
    ask(house, "bob@example.net")
    tomorrow = NOW + dt.timedelta(days=1)
    ask(house, "bob@example.net", now=tomorrow)
    first, second = links(house)
    assert confirm(house, first, now=tomorrow) is Outcome.DONE
    assert confirm(house, second, now=tomorrow) is Outcome.ALREADY


def test_an_old_link_does_not_bring_back_who_has_left(house: House) -> None:
    ask(house, "carol@example.net")
    tomorrow = NOW + dt.timedelta(days=1)
    ask(house, "carol@example.net", now=tomorrow)
    first, second = links(house)
    confirm(house, first, now=tomorrow)
    leave(house, "carol@example.net", now=tomorrow)
    assert confirm(house, second, now=tomorrow) is Outcome.GONE
    assert status(house, "carol@example.net") is SubscriptionStatus.UNSUBSCRIBED


def test_who_left_may_come_back_by_a_new_wish(house: House) -> None:
    ask(house, "carol@example.net")
    confirm(house, links(house)[0])
    leave(house, "carol@example.net")
    tomorrow = NOW + dt.timedelta(days=1)
    ask(house, "carol@example.net", now=tomorrow)
    assert confirm(house, links(house)[1], now=tomorrow) is Outcome.DONE


def test_a_network_that_asks_too_often_is_told_so_and_nothing_is_kept(house: House) -> None:
    answers = [ask(house, f"reader{n}@example.net", asker="one") for n in range(6)]
    assert answers == [Answer.HEARD] * 5 + [Answer.TOO_MANY]
    assert status(house, "reader5@example.net") is None


def test_an_unknown_or_expired_link_is_gone(house: House) -> None:
    assert confirm(house, "x" * 22) is Outcome.GONE
    ask(house, "bob@example.net")
    (secret,) = links(house)
    too_late = NOW + confirmation.LIFETIME
    assert look(house, secret, now=too_late).outcome is Outcome.GONE
    assert confirm(house, secret, now=too_late) is Outcome.GONE


# ---------------------------------------------------------------- whose sign-ups are taken


def test_a_day_is_any_24_hours_and_not_the_one_of_the_calendar(house: House) -> None:
    late = NOW.replace(hour=23, minute=59)
    ask(house, "bob@example.net", now=late, asker="one")
    ask(house, "bob@example.net", now=late + 2 * MINUTE, asker="two")
    assert len(links(house)) == 1


def test_a_neighbourhood_has_a_limit_of_its_own(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caps, "PER_NETWORK", ((3, HOUR),))
    answers = [
        ask(house, f"reader{n}@gmail.com", asker=f"203.0.113.{n}", network="203.0.113.0/24")
        for n in range(4)
    ]
    assert answers == [Answer.HEARD] * 3 + [Answer.TOO_MANY]


def test_a_filled_in_page_is_good_three_times(house: House) -> None:
    answers = [ask(house, f"reader{n}@example.net", stamp="one page") for n in range(4)]
    assert answers == [Answer.HEARD] * 3 + [Answer.TOO_MANY]


def test_a_proof_of_work_is_good_once_and_nobody_hears_that_it_was_used(house: House) -> None:
    for n in range(3):
        assert ask(house, f"reader{n}@example.net", proof="p" * 32) is Answer.HEARD
    assert len(links(house)) == 1


def test_no_network_is_kept_in_the_clear_but_the_shortened_one(house: House) -> None:
    ask(house, "bob@example.net", asker="203.0.113.77", network="203.0.113.0/24")
    with house.database.read() as session:
        kept = session.connection().exec_driver_sql("SELECT bucket FROM allowance").all()
    assert kept
    assert "203" not in str(kept)


def test_a_small_domain_has_a_limit_of_mails_and_the_others_wait(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caps, "PER_DOMAIN", ((3, HOUR),))
    put(house, *(f"reader{n}@{name}" for n in range(5) for name in ("uni.example", "gmail.com")))
    assert signup.settle(house, now=NOW) == 10
    assert len(links(house)) == 3 + 5
    assert signup.settle(house, now=NOW + 5 * MINUTE) == 0, "looked at again after ten minutes"
    assert signup.settle(house, now=NOW + HOUR) == 2
    assert len(links(house)) == 5 + 5


def test_what_cannot_be_mailed_for_a_day_is_given_up(house: House) -> None:
    full = dataclasses.replace(house, breaker=1)
    ask(full, "alice@example.net")
    for asked_at in (NOW - DAY, NOW - DAY + MINUTE):
        put(house, "bob@example.net", now=asked_at)
        assert signup.settle(full, now=NOW) == 1
    assert signup.settle(full, now=NOW + 10 * MINUTE) == 1, "the younger one waits"
    assert len(links(house)) == 1
    assert status(house, "bob@example.net") is None


@pytest.mark.parametrize(
    ("policy", "answer", "stands"),
    [
        ("refuse", Answer.THROWAWAY, None),
        ("silent", Answer.HEARD, SubscriptionStatus.PENDING),
        ("accept", Answer.HEARD, SubscriptionStatus.PENDING),
    ],
)
def test_mailboxes_that_are_thrown_away_are_treated_as_the_settings_say(
    house: House, policy: str, answer: Answer, stands: SubscriptionStatus | None
) -> None:
    changed = dataclasses.replace(house, disposable=policy)  # type: ignore[arg-type]
    assert ask(changed, "bob@sub.Mailinator.com") is answer
    assert status(house, "bob@sub.mailinator.com") is stands
    assert len(links(house)) == (policy == "accept")


@pytest.mark.parametrize(
    "domain", ["gmail.com", "example.net", "com", "mailinator.com.example.net"]
)
def test_other_mailboxes_are_not_taken_for_thrown_away(domain: str) -> None:
    assert not disposable.is_disposable(domain)


def test_mail_goes_to_the_address_as_it_was_typed_with_its_tag_and_capitals(house: House) -> None:
    ask(house, "Bob.Smith+News@Example.NET")
    (notice,) = notices_of(house.database, "confirm")
    assert notice.address == "Bob.Smith+News@example.net"


def test_the_browsers_time_zone_is_the_readers(house: House) -> None:
    ask(house, "bob@example.net", timezone="Asia/Tokyo")
    with house.database.read() as session:
        zones = session.connection().exec_driver_sql("SELECT timezone FROM subscriber").scalars()
        assert list(zones) == ["Asia/Tokyo"]


# ---------------------------------------------------------------- the breaker


def test_beyond_the_breaker_nobody_is_mailed_without_a_proof_of_work(house: House) -> None:
    calm = dataclasses.replace(house, breaker=5)
    answers = [ask(calm, f"reader{n}@gmail.com") for n in range(9)]
    assert answers == [Answer.HEARD] * 5 + [Answer.WORK] * 4
    assert len(links(house)) == 5
    assert ask(calm, "alice@gmail.com", proof="p" * 32) is Answer.HEARD
    assert len(links(house)) == 6


def test_what_was_taken_before_the_breaker_waits_until_it_is_off(house: House) -> None:
    calm = dataclasses.replace(house, breaker=5)
    put(calm, *(f"reader{n}@gmail.com" for n in range(9)))
    signup.settle(calm, now=NOW)
    assert len(links(house)) == 5
    signup.settle(calm, now=NOW + HOUR + 5 * MINUTE)
    assert len(links(house)) == 9


def test_the_breaker_stays_on_while_the_storm_blows_and_goes_off_after_it(house: House) -> None:
    calm = dataclasses.replace(house, breaker=2)
    for minutes in range(0, 180, 15):
        ask(calm, f"reader{minutes}@gmail.com", now=NOW + minutes * MINUTE)
    assert len(links(house)) == 2
    assert ask(calm, "alice@gmail.com", now=NOW + 180 * MINUTE + HOUR) is Answer.HEARD


def test_where_many_sign_up_every_day_many_are_no_storm(house: House) -> None:
    calm, later = dataclasses.replace(house, breaker=5), NOW + 7 * DAY
    with house.database.write() as session:
        for hours in range(7 * 24):
            counters.tally(session, breaker.MAILS, now=NOW - HOUR + hours * HOUR)
        assert breaker.threshold(session, least=5, now=later) == 10, "ten times one an hour"
        assert breaker.threshold(session, least=50, now=later) == 50
    put(calm, *(f"more{n}@gmail.com" for n in range(11)), now=later)
    signup.settle(calm, now=later)
    assert len(links(house)) == 10


def test_the_editors_hear_of_a_storm_once_a_day(house: House) -> None:
    with house.database.write() as session:
        for name in ("erin", "frank"):
            editors.add(session, f"{name}@gazette.example", name=name, role="admin", now=NOW)
    calm = dataclasses.replace(house, breaker=5)
    for hours in (0, 5):
        put(calm, *(f"reader{hours}-{n}@gmail.com" for n in range(9)), now=NOW + hours * HOUR)
        signup.settle(calm, now=NOW + hours * HOUR)
    told = notices_of(house.database, "storm")
    assert [one.address for one in told] == ["erin@gazette.example", "frank@gazette.example"]
    assert told[0].data["count"] == "5"


# ---------------------------------------------------------------- the ledger


def ledger(house: House, address: str) -> list[tuple[str, str, str]]:
    with house.database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
        assert reader is not None
        return [(one.kind, one.method, one.words) for one in consents.of(session, reader.id)]


def test_each_wish_that_is_mailed_is_in_the_ledger_and_no_other(house: House) -> None:
    ask(house, "bob@example.net", wording="The old words.")
    ask(house, "bob@example.net", wording="Not mailed.", asker="again")
    later = NOW + 2 * DAY
    ask(house, "bob@example.net", wording="The new words.", method="api", now=later)
    confirm(house, links(house)[1], now=later)
    assert ledger(house, "bob@example.net") == [
        ("asked", "form", "The old words."),
        ("asked", "api", "The new words."),
        ("confirmed", "form", "The new words."),
    ]


# ---------------------------------------------------------------- welcome


def test_who_confirms_is_welcomed_with_a_way_to_leave(house: House) -> None:
    ask(house, "bob@example.net")
    confirm(house, links(house)[0])
    confirm(house, links(house)[0])
    (notice,) = notices_of(house.database, "welcome")
    assert notice.address == "bob@example.net"
    assert notice.data["latest_url"] == f"{URL}/archive/sunday"
    token = notice.data["leave_url"].rpartition("/")[2]
    assert unsubscribe.leave(house.database, "sunday", token, key=KEY, now=NOW)


@pytest.mark.parametrize(("early", "told"), [(30, "yes"), (120, "")])
def test_who_confirms_as_an_issue_goes_out_reads_in_the_welcome_where_it_is(
    house: House, early: int, told: str
) -> None:
    put_draft(house)
    issue = the_issue(house)
    assert issue.edition is not None
    with house.database.write() as session:
        issues.approve(session, issue.id, issue.edition.checksum, by="Erin", now=NOW)
    ask(house, "bob@example.net", now=issue.moments.send_at - DAY)
    ask(house, "carol@example.net", now=issue.moments.send_at - DAY, asker="another")
    before, after = links(house)
    confirm(house, before, now=issue.moments.send_at - dt.timedelta(seconds=early))
    freeze.freeze(house, the_issue(house), now=issue.moments.send_at)
    confirm(house, after, now=issue.moments.send_at + dt.timedelta(seconds=1))
    found = {one.address: one.data for one in notices_of(house.database, "welcome")}
    bob, carol = found["bob@example.net"], found["carol@example.net"]
    page = f"{URL}/archive/sunday/{issue.moments.period}"
    assert (carol["latest_url"], carol["under_way"]) == (page, "yes")
    assert bob["under_way"] == told
    assert bob["latest_url"] == (page if told else f"{URL}/archive/sunday")


def test_a_newsletter_may_leave_the_welcome_out(database: Database, tmp_path: Path) -> None:
    quiet = make_house(database, tmp_path, schedule=SCHEDULE + "[readers]\nwelcome = false\n")
    ask(quiet, "bob@example.net")
    assert confirm(quiet, links(quiet)[0]) is Outcome.DONE
    assert notices_of(database, "welcome") == []
