"""Signing up without a page: limits, links, and what becomes of them."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.audience import signup, tokens, unsubscribe
from digest.audience.addresses import parse
from digest.audience.signup import Answer, Asking, Outcome
from digest.errors import BadInput
from digest.model import SubscriptionStatus
from digest.store import events, subscribers, suppressions
from digest.store.engine import Database
from tests.queue_of import notices_of

NOW = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)
KEY = b"k" * 32
URL = "https://mail.gazette.example"


def ask(
    database: Database,
    address: str,
    *,
    now: dt.datetime = NOW,
    asker: str = "",
    newsletter: str = "",
) -> Answer:
    asking = Asking(
        newsletter=newsletter or "sunday",
        address=address,
        asker=asker or address,
        network="203.0.113.0/24",
        wording="You ask for it.",
        language="en",
    )
    return signup.ask(database, asking, key=KEY, public_url=URL, now=now)


def links(database: Database) -> list[str]:
    """The secrets in the queued mails, oldest first."""
    queued = notices_of(database, "confirm")
    return [str(notice.data["confirm_url"]).removeprefix(f"{URL}/confirm/") for notice in queued]


def confirm(database: Database, secret: str, *, now: dt.datetime = NOW) -> Outcome:
    return signup.confirm(database, secret, network="", now=now).outcome


def status(database: Database, address: str) -> SubscriptionStatus | None:
    with database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
        return subscribers.status(session, reader.id, "sunday") if reader else None


def leave(database: Database, address: str, *, now: dt.datetime = NOW) -> None:
    with database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
    assert reader is not None
    token = tokens.leave_token(KEY, "sunday", reader.handle)
    assert unsubscribe.leave(database, "sunday", token, key=KEY, now=now)


def test_the_mail_goes_to_the_address_and_carries_the_link(database: Database) -> None:
    assert ask(database, "Bob@example.net") is Answer.HEARD
    (notice,) = notices_of(database, "confirm")
    assert (notice.kind, notice.newsletter, notice.address) == (
        "confirm",
        "sunday",
        "Bob@example.net",
    )
    assert notice.data["confirm_url"].startswith(f"{URL}/confirm/")
    assert set(notice.data) == {"confirm_url"}, "nothing that the asker could choose"


def test_a_wish_is_pending_until_its_link_confirms_it(database: Database) -> None:
    ask(database, "bob@example.net")
    (secret,) = links(database)
    assert signup.look(database, secret, now=NOW).outcome is Outcome.OPEN
    assert status(database, "bob@example.net") is SubscriptionStatus.PENDING
    assert confirm(database, secret) is Outcome.DONE
    assert status(database, "bob@example.net") is SubscriptionStatus.CONFIRMED
    assert confirm(database, secret) is Outcome.ALREADY
    assert signup.look(database, secret, now=NOW) == signup.Confirmation(Outcome.ALREADY, "sunday")


def test_a_confirmation_is_in_the_audit_log_without_the_address(database: Database) -> None:
    ask(database, "bob@example.net")
    confirm(database, links(database)[0])
    with database.read() as session:
        (event,) = events.recent(session, limit=5)
    assert (event.action, event.subject) == ("confirmed", "sunday")
    assert event.actor.startswith("subscriber:")
    assert "example.net" not in str(event)


def test_what_is_no_address_changes_nothing(database: Database) -> None:
    with pytest.raises(BadInput):
        ask(database, "bob@")
    assert links(database) == []


def test_a_reader_and_a_suppressed_address_get_no_mail(database: Database) -> None:
    ask(database, "alice@example.net")
    confirm(database, links(database)[0])
    with database.write() as session:
        hashed = tokens.address_hash(KEY, parse("dave@example.net").key)
        suppressions.add(session, hashed, reason="complaint", now=NOW)
    later = NOW + dt.timedelta(days=2)
    assert ask(database, "alice@example.net", now=later) is Answer.HEARD
    assert ask(database, "dave@example.net", now=later) is Answer.HEARD
    assert len(links(database)) == 1


def test_two_spellings_of_one_address_share_its_limit(database: Database) -> None:
    ask(database, "bob@example.net", asker="one")
    ask(database, "Bob+news@Example.net", asker="two")
    assert len(links(database)) == 1


def test_a_second_newsletter_of_the_same_day_is_confirmed_by_its_own_link(
    database: Database,
) -> None:
    for newsletter in ("sunday", "harbour", "harbour"):
        ask(database, "bob@example.net", newsletter=newsletter)
    first, second = links(database)
    assert signup.confirm(database, second, network="", now=NOW).newsletter == "harbour"
    assert signup.confirm(database, first, network="", now=NOW).newsletter == "sunday"
    with database.read() as session:
        for newsletter in ("sunday", "harbour"):
            assert subscribers.counts(session, newsletter)[SubscriptionStatus.CONFIRMED] == 1


def test_an_address_gets_five_mails_a_day_over_all_newsletters(database: Database) -> None:
    for n in range(7):
        ask(database, "bob@example.net", newsletter="n" * 38 + f"-{n}", asker=str(n))
    assert len(links(database)) == 5
    ask(database, "bob@example.net", newsletter="sunday", now=NOW + dt.timedelta(days=1))
    assert len(links(database)) == 6


def test_the_second_mails_link_says_that_the_first_has_confirmed(database: Database) -> None:
    ask(database, "bob@example.net")
    tomorrow = NOW + dt.timedelta(days=1)
    ask(database, "bob@example.net", now=tomorrow)
    first, second = links(database)
    assert confirm(database, first, now=tomorrow) is Outcome.DONE
    assert confirm(database, second, now=tomorrow) is Outcome.ALREADY


def test_an_old_link_does_not_bring_back_who_has_left(database: Database) -> None:
    ask(database, "carol@example.net")
    tomorrow = NOW + dt.timedelta(days=1)
    ask(database, "carol@example.net", now=tomorrow)
    first, second = links(database)
    confirm(database, first, now=tomorrow)
    leave(database, "carol@example.net", now=tomorrow)
    assert confirm(database, second, now=tomorrow) is Outcome.GONE
    assert status(database, "carol@example.net") is SubscriptionStatus.UNSUBSCRIBED


def test_who_left_may_come_back_by_a_new_wish(database: Database) -> None:
    ask(database, "carol@example.net")
    confirm(database, links(database)[0])
    leave(database, "carol@example.net")
    tomorrow = NOW + dt.timedelta(days=1)
    ask(database, "carol@example.net", now=tomorrow)
    assert confirm(database, links(database)[1], now=tomorrow) is Outcome.DONE


def test_a_network_that_asks_too_often_is_told_so_and_nothing_is_kept(database: Database) -> None:
    answers = [ask(database, f"reader{n}@example.net", asker="one") for n in range(6)]
    assert answers == [Answer.HEARD] * 5 + [Answer.TOO_MANY]
    assert status(database, "reader5@example.net") is None


def test_an_unknown_or_expired_link_is_gone(database: Database) -> None:
    assert confirm(database, "x" * 22) is Outcome.GONE
    ask(database, "bob@example.net")
    (secret,) = links(database)
    too_late = NOW + signup.LIFETIME
    assert signup.look(database, secret, now=too_late).outcome is Outcome.GONE
    assert confirm(database, secret, now=too_late) is Outcome.GONE
