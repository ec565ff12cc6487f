"""A message joined from pieces is, byte for byte, what a parser reads back."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import html
import re
from dataclasses import replace
from email.header import decode_header, make_header

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
READ = compiling.Returns("back.gazette.example", read=True)
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


def test_a_reader_has_long_pieces_that_all_share_and_short_ones_between_them() -> None:
    """Each piece is a buffer of its own on the wire, and each copy of a long one costs."""
    long = "<p>The quay.</p>\n" * 1000
    sent = message(edition(html=f'{long}<a href="{SLOT}">', text=f"{long}{SLOT}"))
    head, text, between, page, end = sent.pieces
    assert max(map(len, (head, between, end))) < 1000
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
    assert fields["List-Archive"] == f"<{URL}/archive/sunday>"
    assert fields["List-Subscribe"] == f"<{URL}/n/sunday>"
    assert fields["Precedence"] == "bulk"
    assert fields["MIME-Version"] == "1.0"
    assert fields["Feedback-ID"] == "2026-11-29:sunday:digest:gazetteexample"
    assert fields["Reply-To"] is None
    assert fields["Auto-Submitted"] is None


@pytest.mark.parametrize("returns", [compiling.Returns(), READ], ids=["link", "link and address"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        sample_issue.ARABIC,
        {"from_name": "The “Harbour” <Gazette>, daily", "name": "The Sunday " + "Catchup " * 11},
        {"from_name": "山田太郎の新聞", "name": "日曜のまとめ", "reply_to": "desk@häfen.example"},
    ],
    ids=["english", "arabic", "odd", "japanese"],
)
def test_every_field_stands_once_in_ascii_lines_and_is_encoded_once(
    changes: dict[str, str], returns: compiling.Returns
) -> None:
    schedule = sample_issue.schedule(**changes)
    envelope = compiling.envelope_of(schedule, DATE, URL, returns=returns)
    subject = "Wer zahlt fürs Watt? =?utf-8?q?no?= " + "港の突堤 " * 30
    sent = compiling.compile_edition(edition(subject=subject), envelope, key=people.KEY).message(
        ALICE._replace(name="Zoë 👩‍🚒")
    )
    head = sent.data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    folds = [line for line in head.split(b"\r\n") if b"://" not in line and b"mailto:" not in line]
    assert max(map(len, folds)) <= 78
    fields = parsed(sent)
    names = [name.lower() for name in fields.keys()]  # noqa: SIM118
    assert len(set(names)) == len(names)
    assert {"from", "to", "date", "message-id", "list-id", "feedback-id", "precedence"} < set(names)
    assert len(fields["From"].addresses) == len(fields["To"].addresses) == 1
    assert fields["From"].addresses[0].display_name == schedule.newsletter.from_name
    assert fields["To"].addresses[0].display_name == "Zoë 👩‍🚒"
    assert fields["Subject"] == subject.strip()
    assert schedule.newsletter.name in str(make_header(decode_header(fields["List-Id"])))


def test_the_link_to_leave_is_the_readers_own_and_opens_nothing_else() -> None:
    sent = message(edition())
    token = parts(sent)[0].rsplit("/", 1)[1]
    assert tokens.read_leave_token(people.KEY, "sunday", token) == ALICE.handle
    assert tokens.read_leave_token(people.KEY, "monday", token) is None


def test_no_way_to_leave_is_offered_that_nobody_reads() -> None:
    elsewhere = compiling.Returns("back.gazette.example")
    for sent in (message(edition()), with_returns(elsewhere)):
        head = sent.data.split(b"\r\n\r\n")[0]
        assert b"mailto:" not in head
        assert "leave_mail" not in sent.values


def with_returns(returns: compiling.Returns) -> Message:
    envelope = compiling.envelope_of(sample_issue.schedule(), DATE, URL, returns=returns)
    return compiling.compile_edition(edition(), envelope, key=people.KEY).message(ALICE)


def test_where_bounces_are_read_an_address_to_leave_by_is_offered_beside_the_link() -> None:
    sent = with_returns(READ)
    assert_fit_for_the_wire(sent)
    mailed = tokens.leave_tokens(people.KEY, "sunday", ALICE.handle)[1]
    address = f"bounce+leave.{mailed}@back.gazette.example"
    assert sent.values["leave_mail"] == address
    assert len(address.partition("@")[0]) <= 64
    link = f"<{URL}/leave/sunday/{LEAVE}>"
    field = f"List-Unsubscribe: {link},\r\n <mailto:{address}?subject=unsubscribe>\r\n"
    assert field.encode() in sent.data
    assert parsed(sent)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_bounces_go_to_the_return_domain_and_message_ids_keep_the_senders() -> None:
    sent = with_returns(READ)
    assert sent.sender == f"bounce+{sent.ref}@back.gazette.example"
    assert parsed(sent)["Message-ID"] == f"<{sent.key}@gazette.example>"
    envelope = replace(ENVELOPE, return_domain="back.gazette.example")
    notice = compiling.compile_notice(edition("h", "t"), envelope, people.BOB, "k")
    assert notice.sender.endswith("@back.gazette.example")


def test_googles_rules_for_feedback_ids_hold_for_every_domain() -> None:
    """Four names at most, the same for all copies of an issue; the last of 5 to 15 letters, for ever."""
    for address in ("a@b.example", f"a@{'very-' * 9}long.example", "a@häfen.example"):
        schedule = sample_issue.schedule(from_address=address)
        ids = [
            compiling.envelope_of(schedule, DATE + dt.timedelta(weeks=w), URL).feedback_id
            for w in (0, 1)
        ]
        (issue, *rest), (other, *same) = (one.split(":") for one in ids)
        assert (len(rest), rest) == (3, same)
        assert issue != other
        assert re.fullmatch("[a-z0-9]{5,15}", rest[-1])


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
