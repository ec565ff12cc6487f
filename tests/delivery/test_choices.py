"""Readers who chose: each gets the form that was approved, put together of parts that were encoded once."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import event

from digest import render, variants
from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import choices, finish, freeze, sender
from digest.delivery import compile as compiling
from digest.delivery.choices import Choices
from digest.delivery.dkim import Signer
from digest.mail import cuts
from digest.model import AS_IT_COMES, Choice, Issue, Message, Reader, SubscriberId
from digest.protocols import Provider
from digest.schedules import VariantsTable
from digest.store import choices as stored
from digest.store import issues, subscribers
from digest.store.engine import Database
from tests import sample_issue
from tests.delivery.sundays import Post, a_house, names, put_frozen, put_readers, states
from tests.delivery.test_dkim import a_signer, believed
from tests.delivery.test_http_send import PROVIDERS, Made
from tests.houses import SUNDAY
from tests.providers.fakes import Fake, Shape, running

KEY = b"k" * 32
DATE = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
TABLE = VariantsTable(languages=("de", "ar"), themes=("plain",), sections=True)
SCHEDULE = sample_issue.schedule().model_copy(update={"variants": TABLE})
PRINTED = variants.print_all(sample_issue.content(), SCHEDULE, public_url=sample_issue.PUBLIC_URL)
ENVELOPE = compiling.envelope_of(SCHEDULE, DATE, sample_issue.PUBLIC_URL)
SOME = (
    Choice("de"),
    Choice("ar", "plain"),
    Choice("", "", ("Town", "Sport"), ()),
    Choice("de-AT", "plain", ("Sea & trade",), ("Culture", "Town")),
    Choice("", "", (), ("Sport",)),
)


def made(signer: Signer | None = None) -> Choices:
    maker = compiling.Maker(ENVELOPE, KEY, signer)
    return Choices(maker.whole(PRINTED.rendered), maker, PRINTED.variants)


def reader(choice: Choice = AS_IT_COMES, number: int = 1) -> Reader:
    return Reader(
        SubscriberId(number), f"r{number}@example.net", f"{number:022}", "Alice", choice.text
    )


def parsed(message: Message) -> tuple[EmailMessage, str, str]:
    found = message_from_bytes(message.data, policy=policy.SMTP)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    return found, str(text.get_content()), str(html.get_content())


def test_who_chose_nothing_gets_the_very_bytes_of_an_edition_without_variants() -> None:
    alone = compiling.compile_edition(PRINTED.rendered, ENVELOPE, key=KEY)
    for choice in (Choice(), Choice("fr"), Choice("en", "broadsheet")):
        assert made().message(reader(choice)).data == alone.message(reader()).data


@pytest.mark.parametrize("choice", SOME, ids=lambda one: repr(one.text))
def test_a_choice_is_read_by_a_mail_program_as_it_was_approved(choice: Choice) -> None:
    key = variants.key_of(tuple(PRINTED.variants), choice)
    approved = cuts.put_together(PRINTED.variants[key], choice.unwanted, choice.first)
    token = tokens.leave_token(KEY, "sunday", reader().handle)
    leave = f"{sample_issue.PUBLIC_URL}/leave/sunday/{token}"
    filled = render.fill(approved, {"leave_url": leave})
    message, text, html = parsed(made().message(reader(choice)))
    assert text.replace("\r\n", "\n").rstrip() == filled.text.rstrip()
    assert html.replace("\r\n", "\n").rstrip() == filled.html.rstrip()
    assert message["List-Unsubscribe"] == f"<{leave}>"


@pytest.mark.parametrize("choice", SOME, ids=lambda one: repr(one.text))
def test_every_line_is_short_and_none_begins_with_a_full_stop(choice: Choice) -> None:
    data = made().message(reader(choice)).data
    body = data.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\r\n." not in data
    assert data.isascii()


def test_an_edition_is_known_by_one_checksum_whatever_its_form() -> None:
    """So what comes back about a copy finds its send, and a second attempt has the same Message-ID."""
    keys = {made().message(reader(choice)).key for choice in (Choice(), *SOME)}
    assert keys == {tokens.message_key(KEY, PRINTED.rendered.checksum, reader().handle)}


def test_no_reader_is_encoded_for_and_all_of_one_choice_share_what_is() -> None:
    found = made()
    first = found.message(reader(SOME[2], 1))
    second = found.message(reader(SOME[2], 2))
    assert first.mail is second.mail
    one, other = first.pieces, second.pieces
    own = [piece for piece in one if not any(piece is theirs for theirs in other)]
    assert len(one) - len(own) > 3
    assert (
        max(map(len, own)) <= compiling.SMALL
    )  # what is the reader's own, with its small neighbours


def test_two_choices_share_the_parts_that_both_have() -> None:
    found = made()
    one, other = (found.message(reader(choice)).pieces for choice in (SOME[2], SOME[4]))
    shared = {id(piece) for piece in one} & {id(piece) for piece in other}
    assert sum(len(p) for p in one if id(p) in shared) > 20_000


def test_more_choices_than_are_kept_are_all_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "KEPT", 2)
    found = made()
    before = [found.message(reader(choice)).data for choice in SOME]
    assert [found.message(reader(choice)).data for choice in SOME] == before


def test_each_form_is_signed_and_verifies() -> None:
    signed = made(a_signer("rsa"))
    for choice in (Choice(), *SOME):
        assert believed(signed.message(reader(choice)).data) == [True]


# ------------------------------------------------------------ a whole send


def a_sunday(
    database: Database, folder: Path, post: Provider, raw: Sequence[str]
) -> tuple[House, Issue]:
    """The sample week in all its forms, approved and frozen for these readers."""
    house = a_house(database, folder, post)
    schedule = house.schedule("sunday").model_copy(update={"variants": TABLE})
    house = dataclasses.replace(house, schedules={"sunday": schedule})
    moments = schedule.calendar.moments(SUNDAY)
    content = dataclasses.replace(sample_issue.content(), window=moments.window)
    printed = variants.print_all(content, schedule, public_url=house.public_url)
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=moments.draft_at)
        issue = issues.get(session, "sunday", moments.period)
        assert issue is not None
        issues.save_draft(
            session, issue.id, content, printed.rendered, printed.variants, now=moments.draft_at
        )
        checksum = printed.rendered.checksum
        issues.approve(session, issue.id, checksum, by="erin", now=moments.deadline_at)
    put_readers(house, raw)
    with house.database.read() as session:
        issue = issues.by_id(session, issue.id)
    freeze.freeze(house, issue, now=house.clock())
    return house, issue


@dataclasses.dataclass
class Kept(Post):
    """Keeps what it was handed."""

    mails: dict[str, Message] = dataclasses.field(default_factory=dict)

    async def _send(self, feed, message) -> None:  # type: ignore[no-untyped-def]
        self.mails[message.recipient] = message
        await super()._send(feed, message)


def test_each_reader_of_a_send_gets_what_she_chose(database: Database, tmp_path: Path) -> None:
    post = Kept()
    people = [f"r{n}@example.net" for n in range(12)]
    house, issue = a_sunday(database, tmp_path, post, people)
    wishes = {address: (Choice(), *SOME)[n % 6] for n, address in enumerate(people)}
    prefer(house, wishes)
    sender.drain(house)
    finish.finish(house, now=house.clock())
    assert states(house, issue) == {"accepted": 12}
    for address, wish in wishes.items():
        _, text, html = parsed(post.mails[address])
        spoken = wish.language.partition("-")[0] or "en"
        assert f'<html lang="{spoken}"' in html
        for name in ("Town", "Sea & trade", "Culture", "Sport"):
            titles = [s.title for s in sample_issue.content().stories if s.section == name]
            shown = [title for title in titles if title in " ".join(text.split())]
            assert len(shown) == (1 if name in wish.unwanted else len(titles)), (wish, name)


def prefer(house: House, wishes: dict[str, Choice]) -> None:
    with house.database.write() as session:
        for address, wish in wishes.items():
            known = subscribers.by_address(session, address)
            assert known is not None
            assert stored.keep(session, known.id, "sunday", wish)


@pytest.mark.parametrize(("shape", "provider"), PROVIDERS)
def test_by_http_each_reader_gets_the_chosen_form_and_few_requests_are_made(
    shape: type[Shape], provider: Made, sqlite: Database, tmp_path: Path
) -> None:
    people = [f"r{n}@example.net" for n in range(60)]
    wishes = {address: (Choice(), *SOME)[n % 6] for n, address in enumerate(people)}
    with running(Fake(shape())) as fake:
        house, issue = a_sunday(sqlite, tmp_path, provider(fake.url), people)
        prefer(house, wishes)
        sender.drain(house)
    assert states(house, issue) == {"accepted": 60}
    assert len(fake.posted) < 30
    for copy in fake.got:
        wish = wishes[copy.recipient]
        spoken = wish.language.partition("-")[0] or "en"
        assert f'<html lang="{spoken}"' in copy.html
        assert ("A crab record" in copy.text) is ("Sea & trade" not in wish.unwanted)


def test_what_readers_chose_is_not_asked_for_where_there_is_one_form(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(3))
    asked: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
    sender.drain(house)
    assert states(house, issue) == {"accepted": 3}
    assert asked
    assert not [one for one in asked if "unwanted_sections" in one]
