"""Signatures, believed by dkimpy: a reader's mail program would too."""

from __future__ import annotations

import base64
import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import render
from digest.contracts.hand_over import send
from digest.delivery import compile as compiling
from digest.delivery import sender
from digest.delivery.dkim import Key, Signer, relaxed
from digest.mail.slots import SLOTS
from digest.model import Message, Reader, Rendered, SubscriberId
from digest.providers.outbox import OutboxProvider
from digest.providers.smtp import SmtpProvider
from digest.store.engine import Database
from tests import people, sample_issue
from tests.delivery import sundays
from tests.delivery.test_heads import NAMES
from tests.delivery.test_notices import queue
from tests.providers.relay import HOST, Relay, running

URL = "https://mail.gazette.example"
SLOT = SLOTS["leave_url"]
DATE = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
ALICE = Reader(SubscriberId(1), people.ALICE, "A" * 22, "Alice")
READ = compiling.Returns("back.gazette.example", read=True)


def pem(private: object) -> str:
    made = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    return str(made, "ascii")


@cache
def key(kind: str) -> Key:
    private = (
        Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    return Key.of(kind, pem(private))


def a_signer(*kinds: str, **changes: object) -> Signer:
    return Signer(tuple(key(kind) for kind in kinds or ("ed25519",)), **changes)  # type: ignore[arg-type]


def published(name: bytes, timeout: int = 5) -> bytes | None:
    """What DNS says of our keys, as dkimpy asks for it."""
    selector, _, domain = name.decode().rstrip(".").partition("._domainkey.")
    if domain not in ("gazette.example", "xn--hfen-loa.example"):
        return None
    found = key(selector)
    return f"v=DKIM1; k={found.kind}; p={base64.b64encode(found.public).decode()}".encode()


def believed(data: bytes) -> list[bool]:
    """Of each signature, from the top."""
    count = len(re.findall(rb"(?mi)^DKIM-Signature:", data.partition(b"\r\n\r\n")[0]))
    assert count
    return [_believed(data, at) for at in range(count)]


def _believed(data: bytes, at: int) -> bool:
    try:
        return bool(dkim.DKIM(data).verify(idx=at, dnsfunc=published))
    except dkim.ValidationError:
        return False


def edition(html: str = f'<a href="{SLOT}">', text: str = SLOT, subject: str = "S") -> Rendered:
    checksum = render.checksum(subject, "", html, text)
    return Rendered(subject=subject, preheader="", html=html, text=text, checksum=checksum)


def copy(
    mail: Rendered,
    reader: Reader = ALICE,
    *,
    signer: Signer | None = None,
    returns: compiling.Returns = READ,
    **schedule: str,
) -> Message:
    envelope = compiling.envelope_of(sample_issue.schedule(**schedule), DATE, URL, returns=returns)
    signer = signer or a_signer()
    return compiling.compile_edition(mail, envelope, key=people.KEY, signer=signer).message(reader)


def variants() -> Iterator[tuple[str, Rendered, dict[str, str]]]:
    """A whole issue, in the ways that there are of its kind."""
    for name, content, changes in (
        ("english", sample_issue.content(), {}),
        ("arabic", sample_issue.arabic_content(), sample_issue.ARABIC),
        ("sixty stories", sample_issue.big(60), {}),
    ):
        yield (
            name,
            render.render(content, sample_issue.schedule(**changes), public_url=URL),
            changes,
        )


@pytest.mark.parametrize("kinds", [("rsa",), ("ed25519",), ("rsa", "ed25519")], ids="+".join)
def test_every_variant_is_believed_for_every_reader(kinds: tuple[str, ...]) -> None:
    for name, mail, changes in variants():
        for returns in (READ, compiling.Returns()):
            sent = copy(mail, signer=a_signer(*kinds), returns=returns, **changes)
            assert believed(sent.data) == [True] * len(kinds), name
    for handle in ("B" * 22, "C" * 22):
        assert all(believed(copy(mail, ALICE._replace(handle=handle)).data))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_whatever_letters_is_believed(name: str) -> None:
    sent = copy(edition(subject=name), ALICE._replace(name=name), from_name=name[:90] or "N")
    assert believed(sent.data) == [True]


def test_an_address_beyond_ascii_is_believed() -> None:
    assert believed(copy(edition(), ALICE._replace(address="jürgen@häfen.example")).data) == [True]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\0"))),
    st.text(max_size=120),
)
def test_any_content_and_any_subject_is_believed(pieces: list[str], subject: str) -> None:
    content = SLOT.join(pieces)
    assert believed(copy(edition(content, content, subject)).data) == [True]


def test_a_notice_is_signed_too() -> None:
    data = {"confirm_url": f"{URL}/confirm/abc"}
    mail = render.render_notice("confirm", data, sample_issue.schedule(), public_url=URL)
    envelope = compiling.envelope_of(sample_issue.schedule(), DATE, URL)
    for kinds in (("rsa", "ed25519"), ()):
        signer = a_signer(*kinds) if kinds else None
        sent = compiling.compile_notice(mail, envelope, people.BOB, "k", signer=signer)
        assert (sent.data.count(b"DKIM-Signature:")) == len(kinds)
        assert not kinds or believed(sent.data) == [True, True]
    assert (
        b":auto-submitted"
        in told(compiling.compile_notice(mail, envelope, "a@b.example", "k", signer=a_signer()))[
            "h"
        ].encode()
    )


# ---------------------------------------------------------------- what is covered


def told(sent: Message) -> dict[str, str]:
    """The tags of the first signature."""
    field = email.message_from_bytes(sent.data, policy=email.policy.SMTP)["DKIM-Signature"]
    tags = (one.partition("=") for one in str(field).split(";") if one.strip())
    return {name.strip(): re.sub(r"\s", "", value) for name, _, value in tags}


def test_the_signature_says_who_how_and_what() -> None:
    tags = told(copy(edition(), signer=a_signer("rsa"), reply_to="desk@gazette.example"))
    assert (tags["v"], tags["a"], tags["c"]) == ("1", "rsa-sha256", "relaxed/simple")
    assert (tags["d"], tags["s"]) == ("gazette.example", "rsa")
    assert "l" not in tags, "what is appended to a body must not be believed"
    names = tags["h"].split(":")
    for name in ("from", "to", "subject", "date", "message-id", "reply-to", "mime-version",
                 "content-type", "list-unsubscribe", "list-unsubscribe-post", "feedback-id"):  # fmt: skip
        assert names.count(name) == 2, name
    assert "precedence" not in names


def test_every_field_that_is_ours_is_covered() -> None:
    sent = copy(edition(), reply_to="desk@gazette.example")
    present = {name.lower() for name in email.message_from_bytes(sent.data).keys()}  # noqa: SIM118
    assert present - set(told(sent)["h"].split(":")) == {"dkim-signature", "precedence"}


@pytest.mark.parametrize(
    "field",
    ["From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "Content-Type",
     "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID"],
)  # fmt: skip
@pytest.mark.parametrize("where", ["top", "end"])
def test_nobody_can_add_a_field_that_matters(field: str, where: str) -> None:
    head, end, body = copy(edition()).data.partition(b"\r\n\r\n")
    more = f"{field}: evil@evil.example".encode()
    changed = more + b"\r\n" + head if where == "top" else head + b"\r\n" + more
    assert believed(changed + end + body) == [False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: S\r\n", b"Subject: T\r\n"),
        (b"/leave/sunday/AAA", b"/leave/sunday/BBB"),
        (b"mailto:bounce", b"mailto:elsewhere"),
        (b"=One-Click", b"=Two-Click"),
        (b":digest:", b":other:"),
        (b"<a href", b"<b href"),
        (b"--\r\n", b"--\r\n\r\nmore\r\n"),
    ],
)
def test_a_change_is_seen(old: bytes, new: bytes) -> None:
    data = copy(edition()).data
    assert old in data
    assert believed(data.replace(old, new)) == [False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"To: Alice <", b"To:\r\n  Alice\t<"),
        (b"Subject: S", b"SUBJECT:   S  "),
        (b"=_", b"=_"),
        (b"Precedence: bulk", b"Precedence: list"),
        (b"Message-ID:", b"Message-Id:"),
        (b",\r\n <mailto", b", <mailto"),
        (b"DKIM-Signature:", b"Received: from here\r\nDKIM-Signature:"),
    ],
)
def test_what_a_relay_may_do_changes_nothing(old: bytes, new: bytes) -> None:
    data = copy(edition()).data
    assert old in data
    assert believed(data.replace(old, new, 1)) == [True]


def test_a_second_attempt_has_the_same_signature() -> None:
    for kind in ("rsa", "ed25519"):
        signer = a_signer(kind)
        assert copy(edition(), signer=signer).data == copy(edition(), signer=signer).data


def test_only_the_signature_is_more_than_without() -> None:
    plain = compiling.compile_edition(
        edition(),
        compiling.envelope_of(sample_issue.schedule(), DATE, URL, returns=READ),
        key=people.KEY,
    ).message(ALICE)
    signed = copy(edition(), signer=a_signer("rsa", "ed25519"))
    assert signed.data.endswith(plain.data)
    lines = signed.data.removesuffix(plain.data).split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not any(line.startswith(b".") for line in lines)


# ---------------------------------------------------------------- on its way


def test_what_a_relay_gets_and_what_lies_in_the_outbox_is_believed(tmp_path: Path) -> None:
    mail = render.render(sample_issue.content(), sample_issue.schedule(), public_url=URL)
    batch = [
        copy(mail, ALICE._replace(handle=f"{n:022}"), signer=a_signer("rsa", "ed25519"))
        for n in range(3)
    ]
    with running(Relay(extensions=("PIPELINING",))) as relay:
        send(SmtpProvider(host=HOST, port=relay.port, security="none"), batch)
    send(OutboxProvider(folder=tmp_path), batch)
    kept = [path.read_bytes() for path in tmp_path.rglob("*.eml")]
    came = [body for _, _, body in relay.mails]
    assert (len(kept), len(came)) == (3, 3)
    for data in kept + came:
        assert believed(data) == [True, True]


def test_a_whole_send_and_the_notice_before_it_are_signed_and_offer_the_address(
    sqlite: Database, tmp_path: Path
) -> None:
    outbox = tmp_path / "outbox"
    house = sundays.a_house(sqlite, tmp_path, OutboxProvider(folder=outbox))
    house = replace(house, signer=a_signer("rsa", "ed25519"), returns=READ)
    sundays.put_frozen(house, sundays.names(3))
    queue(house)
    assert sender.drain(house).notices == 1
    mails = [path.read_bytes() for path in outbox.rglob("*.eml")]
    assert len(mails) == 4
    for mail in mails:
        assert believed(mail) == [True, True]
        assert (b"\r\nPrecedence: bulk" in mail) is (b"mailto:bounce+leave." in mail)
    assert sum(b"\r\nAuto-Submitted: auto-generated" in mail for mail in mails) == 1


def test_what_amazon_writes_anew_is_not_covered_there() -> None:
    from digest.bootstrap import signer_of
    from digest.settings import Settings

    keys = {"dkim_key": pem(key("rsa").private), "dkim_selector": "rsa"}
    amazon = {"provider": "ses", "ses_mode": "raw", "ses_region": "eu-west-1"}
    signer = signer_of(Settings.model_validate({**keys, **amazon}))
    data = copy(edition(), signer=signer).data
    data = re.sub(rb"Message-ID: .*\r\n", b"Message-ID: <1@eu-west-1.amazonses.com>\r\n", data)
    data = re.sub(rb"Date: .*\r\n", b"Date: Sun, 29 Nov 2026 08:00:09 +0000\r\n", data)
    data = b"Feedback-ID: ::1.eu-west-1:AmazonSES\r\nX-Digest-Ref: r\r\n" + data
    assert believed(data) == [True]


# ---------------------------------------------------------------- who signs


def test_who_signs_is_named_or_is_the_sender() -> None:
    assert told(copy(edition(), from_address="a@häfen.example"))["d"] == "xn--hfen-loa.example"
    named = a_signer(domain="gazette.example")
    assert (
        told(copy(edition(), signer=named, from_address="a@news.gazette.example"))["d"]
        == "gazette.example"
    )


def test_the_published_half_of_a_key_is_that_of_the_standard() -> None:
    """RFC 8463, appendix A.2."""
    seed = base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    found = Key.of("brisbane", pem(Ed25519PrivateKey.from_private_bytes(seed)))
    assert base64.b64encode(found.public) == b"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    assert found.kind == "ed25519"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "in PEM"),
        ("MIIEvQ", "in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----", "in PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "an RSA or an Ed25519 key"),
        (
            Ed25519PrivateKey.generate()
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
            .decode(),
            "passphrase",
        ),
        ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "in PEM"),
    ],
)
def test_what_is_no_key_is_refused_in_plain_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Key.of("s", text)


@pytest.mark.parametrize(
    ("line", "hashed"),
    [
        # RFC 6376 §3.4.5
        (b"A: X\r\n", b"a:X\r\n"),
        (b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z\r\n"),
        (b"Subject:  a   b\t c \r\n", b"subject:a b c\r\n"),
        (b"X:\r\n", b"x:\r\n"),
    ],
)
def test_a_field_is_hashed_as_the_standard_says(line: bytes, hashed: bytes) -> None:
    assert relaxed(line) == hashed
