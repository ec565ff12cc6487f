"""A message joined from pieces is, byte for byte, what a parser reads back."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import html
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import render
from digest.audience import tokens
from digest.delivery import compile as compiling
from digest.errors import Refused
from digest.mail.slots import SLOTS
from digest.model import Message, Reader, Rendered, SubscriberId
from tests import people, sample_issue

SLOT = SLOTS["leave_url"]
URL = "https://mail.gazette.example"
DATE = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
ENVELOPE = compiling.envelope_of(sample_issue.schedule(), DATE, URL)
ALICE = Reader(SubscriberId(1), people.ALICE, "A" * 22, "Alice")
LEAVE = tokens.leave_token(people.KEY, "sunday", ALICE.handle)

TORTURE = "\n".join(
    (
        ". one full stop",
        ".",
        "..",
        "trailing spaces   ",
        "a tab\t",
        "=20 is not a space",
        "👨‍👩‍👧‍👦 ❤️ 1️⃣ 🇪🇺 " * 12,
        "الميناء والحاجز الشمالي " * 12,
        "x" * 500,
        "." * 200,
        "--=_boundary",
        "From here",
        f"before {SLOT} after",
        f"{SLOT}.",
        f"{SLOT}{SLOT}",
        "",
        "",
    )
)


def edition(html: str = f'<a href="{SLOT}">', text: str = SLOT, subject: str = "S") -> Rendered:
    checksum = render.checksum(subject, "", html, text)
    return Rendered(subject=subject, preheader="", html=html, text=text, checksum=checksum)


def message(rendered: Rendered, reader: Reader = ALICE) -> Message:
    return compiling.compile_edition(rendered, ENVELOPE, key=people.KEY).message(reader)


def parsed(sent: Message) -> email.message.EmailMessage:
    found = email.message_from_bytes(sent.data, policy=email.policy.SMTP)
    assert isinstance(found, email.message.EmailMessage)
    assert not found.defects
    return found


def parts(sent: Message) -> tuple[str, str]:
    """Text and HTML as a mail program gets them."""
    inside = list(parsed(sent).iter_parts())
    assert [part.get_content_type() for part in inside] == ["text/plain", "text/html"]
    assert not any(part.defects for part in inside)
    text, page = (part.get_payload(decode=True).decode("utf-8") for part in inside)
    return text.replace("\r\n", "\n"), page.replace("\r\n", "\n")


def filled(text: str) -> str:
    return text.replace(SLOT, f"{URL}/leave/sunday/{LEAVE}")


def assert_fit_for_the_wire(sent: Message) -> None:
    lines = sent.data.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines)
    assert not any(line.startswith(b".") for line in lines)
    body = lines[lines.index(b"") :]
    assert max(map(len, body)) <= 76
    assert max(map(len, lines)) <= 998
    assert sent.data.endswith(b"\r\n")


def test_torture_comes_back_byte_for_byte() -> None:
    sent = message(edition(html=TORTURE, text=TORTURE))
    assert_fit_for_the_wire(sent)
    assert parts(sent) == (filled(TORTURE), filled(TORTURE))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\0")), min_size=1
    ),
    st.sampled_from([f"{URL}", "https://a.example/?x=1&y=<2>", "https://." + "x" * 200]),
)
def test_any_content_comes_back_byte_for_byte(pieces: list[str], url: str) -> None:
    content = SLOT.join(pieces)
    envelope = replace(ENVELOPE, public_url=url)
    compiled = compiling.compile_edition(edition(content, content), envelope, key=people.KEY)
    sent = compiled.message(ALICE)
    assert_fit_for_the_wire(sent)
    leave = f"{url}/leave/sunday/{LEAVE}"
    assert parts(sent) == (leave.join(pieces), html.escape(leave).join(pieces))


def test_a_whole_issue_comes_back_byte_for_byte() -> None:
    for content, changes in (
        (sample_issue.content(), {}),
        (sample_issue.arabic_content(), sample_issue.ARABIC),
    ):
        mail = render.render(content, sample_issue.schedule(**changes), public_url=URL)
        sent = message(mail)
        assert_fit_for_the_wire(sent)
        assert parts(sent) == (filled(mail.text), filled(mail.html))


def test_a_reader_has_a_few_long_pieces_and_one_short_head() -> None:
    """Each piece is a buffer of its own on the wire, and each copy of a long one costs."""
    long = "<p>The quay.</p>\n" * 1000
    sent = message(edition(html=f'{long}<a href="{SLOT}">', text=f"{long}{SLOT}"))
    head, text, _, page, _, _ = sent.pieces
    assert len(head) < 1000
    assert len(text) > 10_000 < len(page)


def test_the_header_says_everything_once() -> None:
    sent = message(edition(subject="The mole will stand"))
    fields = parsed(sent)
    assert len(set(fields.keys())) == len(fields.keys())
    assert fields["From"] == "The Harbour Gazette <sunday@gazette.example>"
    assert fields["To"] == f"Alice <{people.ALICE}>"
    assert fields["Subject"] == "The mole will stand"
    assert fields["Date"].datetime == DATE
    assert fields["Message-ID"] == f"<{sent.key}@gazette.example>"
    assert fields["List-Id"] == "The Sunday Catchup <sunday.gazette.example>"
    assert fields["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert fields["List-Unsubscribe"] == f"<{URL}/leave/sunday/{LEAVE}>"
    assert fields["Precedence"] == "bulk"
    assert fields["MIME-Version"] == "1.0"
    assert fields["Feedback-ID"] == "2026-11-29:sunday:digest:gazetteexample"
    assert fields["Reply-To"] is None
    assert fields["Auto-Submitted"] is None


def test_the_link_to_leave_is_the_readers_own_and_opens_nothing_else() -> None:
    sent = message(edition())
    token = parts(sent)[0].rsplit("/", 1)[1]
    assert tokens.read_leave_token(people.KEY, "sunday", token) == ALICE.handle
    assert tokens.read_leave_token(people.KEY, "monday", token) is None


def test_no_way_to_leave_is_offered_that_nobody_reads() -> None:
    head = message(edition()).data.split(b"\r\n\r\n")[0]
    assert b"mailto:" not in head


def test_a_bounce_tells_whose_it_is() -> None:
    sent = message(edition())
    local, _, domain = sent.sender.partition("@")
    assert domain == "gazette.example"
    assert len(local) <= 64
    ref = local.removeprefix("bounce+")
    checksum = edition().checksum
    assert tokens.read_ref(people.KEY, ref, ["0" * 64, checksum]) == (ALICE.handle, checksum)
    assert sent.recipient == people.ALICE
    assert tokens.read_leave_token(people.KEY, "sunday", ref) is None  # it opens no door


def test_a_second_attempt_is_the_same_message() -> None:
    assert message(edition()) == message(edition())


def test_an_edit_of_the_envelope_keeps_the_message_id() -> None:
    edited = replace(ENVELOPE, from_name="The Morning Gazette", reply_to="desk@gazette.example")
    later = compiling.compile_edition(edition(), edited, key=people.KEY).message(ALICE)
    first = message(edition())
    assert later.data != first.data
    assert (later.key, parsed(later)["Message-ID"]) == (first.key, parsed(first)["Message-ID"])


def test_another_reader_or_edition_has_another_message_id() -> None:
    bob = Reader(SubscriberId(2), people.BOB, "B" * 22)
    keys = {message(edition()).key, message(edition(), bob).key, message(edition(subject="T")).key}
    assert len(keys) == 3


def test_no_name_can_add_a_field() -> None:
    evil = ALICE._replace(name="Alice\r\nBcc: all@evil.example\r\n\r\nBuy")
    fields = parsed(message(edition(), evil))
    assert fields["Bcc"] is None
    assert [address.addr_spec for address in fields["To"].addresses] == [people.ALICE]


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: x@y.example", "a@b.example>", "a@b.example,c@d.example", "a\0@b"],
)
def test_an_address_that_would_add_something_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        message(edition(), ALICE._replace(address=address))
    with pytest.raises(Refused):
        compiling.compile_notice(edition(), ENVELOPE, address, "k")


def test_names_and_domains_of_any_language_are_put_in_ascii() -> None:
    schedule = sample_issue.schedule(
        from_name="Der Häfen-Bote",
        from_address="sonntag@häfen.example",
        reply_to="redaktion@häfen.example",
    )
    envelope = compiling.envelope_of(schedule, DATE, "https://häfen.example")
    sent = compiling.compile_edition(edition(), envelope, key=people.KEY).message(ALICE)
    assert sent.data.split(b"\r\n\r\n")[0].isascii()
    fields = parsed(sent)
    assert fields["From"].addresses[0].display_name == "Der Häfen-Bote"
    assert fields["From"].addresses[0].addr_spec == "sonntag@xn--hfen-loa.example"
    assert fields["Reply-To"] == "redaktion@xn--hfen-loa.example"
    assert "https://xn--hfen-loa.example/leave" in fields["List-Unsubscribe"]


def test_without_a_from_name_the_newsletter_writes() -> None:
    envelope = compiling.envelope_of(sample_issue.schedule(from_name=""), DATE, URL)
    assert envelope.from_name == "The Sunday Catchup"


def test_a_notice_is_an_automatic_mail_and_no_newsletter() -> None:
    data = {"confirm_url": f"{URL}/confirm/abc"}
    mail = render.render_notice("confirm", data, sample_issue.schedule(), public_url=URL)
    sent = compiling.compile_notice(mail, ENVELOPE, people.BOB, "confirm:7:2026-11-29")
    assert_fit_for_the_wire(sent)
    fields = parsed(sent)
    assert fields["To"] == people.BOB == sent.recipient
    assert fields["Auto-Submitted"] == "auto-generated"
    assert fields["Message-ID"] == f"<{sent.key}@gazette.example>"
    assert not [name for name in fields.keys() if name.startswith(("List-", "Precedence"))]  # noqa: SIM118
    assert parts(sent) == (mail.text, mail.html)
    assert sent.sender.startswith("bounce+")


def test_a_notice_keeps_its_message_id_when_it_is_sent_again() -> None:
    first = compiling.compile_notice(edition("h", "t"), ENVELOPE, people.BOB, "x\r\ny")
    assert first == compiling.compile_notice(edition("h", "t"), ENVELOPE, people.BOB, "x\r\ny")


def test_notices_with_the_same_key_and_other_words_have_other_message_ids() -> None:
    first = compiling.compile_notice(edition("h", "t"), ENVELOPE, people.BOB, "notice-1")
    other = compiling.compile_notice(edition("h", "u"), ENVELOPE, people.BOB, "notice-1")
    assert first.key != other.key
