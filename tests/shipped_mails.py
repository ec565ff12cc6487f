"""Every mail that is shipped, whole, by the product's own way: rendered, compiled, with real headers.

The themes are those that the schedule's [render] table offers, the notices those of `render`: a new
one is looked at by every checker without a word here.
"""

from __future__ import annotations

import datetime as dt
import email.policy
import enum
import functools
import itertools
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from digest import render, variants
from digest.delivery import compile as compiling
from digest.delivery.choices import Choices
from digest.mail.slots import SLOTS
from digest.model import Choice, IssueContent, Reader, SubscriberId
from digest.schedules import RenderTable, Schedule, VariantsTable
from tests import sample_issue

URL = sample_issue.PUBLIC_URL
KEY = b"k" * 32
DATE = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
READER = Reader(SubscriberId(1), "reader@example.net", "1" * 22, "A Reader")

#: What notices are told, by the name of the value; one that ends in `_url` is a link of ours, another a number.
TOLD = {
    "subject": "The mole will stand",
    "began": "Sunday 08:00",
    "ended": "Sunday 08:04",
    "editor_name": "Erin",
    "inviter": "Frank",
    "role": "editor",
    "period": "2026-11-29",
    "deadline": "Sunday 07:30, in 1 h 30 min",
    "rule": "After that it goes out as it is, Sunday 08:00.",
    "headlines": "The mole will stand\nFerry strike ends\nA bakery reopens",
    "since": "08:04 UTC",
    "reason": "only two stories came in this week, and the schedule asks for five",
}

#: As they stand in a mail's name; English is the plain case.
LANGUAGES = ("", "arabic")

_PARSER = BytesParser(policy=email.policy.default)


@dataclass(frozen=True, slots=True)
class Shipped:
    """One mail. data: the message as a provider gets it. html: its part as a reader's program gets it."""

    name: str
    data: bytes

    @property
    def html(self) -> str:
        return _part(self.data, "html")

    @property
    def text_alone(self) -> bytes:
        """The same message with its text part and no other."""
        message = _PARSER.parsebytes(self.data)
        text = _part(self.data, "plain")
        message.clear_content()
        assert isinstance(message, EmailMessage)
        message.set_content(text, cte="quoted-printable")
        return message.as_bytes(policy=email.policy.SMTP)


def _part(data: bytes, kind: str) -> str:
    message = _PARSER.parsebytes(data)
    assert isinstance(message, EmailMessage)
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@functools.cache
def all_of_them() -> tuple[Shipped, ...]:
    """Every digest, then every notice in every theme and for a newsletter of each language."""
    variants = itertools.product(themes(), LANGUAGES, render.NOTICES)
    return (*digests(), *(_notice(kind, theme, language) for theme, language, kind in variants))


@functools.cache
def each_once() -> tuple[Shipped, ...]:
    """Every digest, and every notice once: themes and languages take turns, as a test has little time."""
    turns = itertools.cycle(zip(itertools.cycle(LANGUAGES), (*themes(), *themes())))
    notices = zip(render.NOTICES, turns, strict=False)
    return (*digests(), *(_notice(kind, theme, language) for kind, (language, theme) in notices))


@functools.cache
def digests() -> tuple[Shipped, ...]:
    """The week in every theme: in English, in Arabic, and as somebody chose it."""
    return tuple(mail for theme in themes() for mail in _weeks(theme))


def themes() -> tuple[str, ...]:
    """The names that [render] offers; one empty name where it offers none."""
    field = RenderTable.model_fields.get("theme")
    return _choices(field.annotation) if field else ("",)


def _choices(kind: Any) -> tuple[str, ...]:
    """The values of a StrEnum or of a Literal, however it is wrapped."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return tuple(str(one.value) for one in kind)
    found: list[str] = []
    for inner in typing.get_args(kind):
        found += [inner] if isinstance(inner, str) else _choices(inner)
    return tuple(found)


def schedule(theme: str = "", **newsletter: Any) -> Schedule:
    """The sample's schedule in a theme, with a logo."""
    made = sample_issue.schedule(**newsletter)
    look = RenderTable.model_validate(
        {"logo_url": "https://gazette.example/logo.png", **({"theme": theme} if theme else {})}
    )
    return made.model_copy(update={"render": look})


def _weeks(theme: str) -> Iterator[Shipped]:
    yield _digest(_name("digest", theme), _newsletter(theme, ""), sample_issue.content())
    arabic = sample_issue.arabic_content()
    yield _digest(_name("digest", theme, "arabic"), _newsletter(theme, "arabic"), arabic)
    yield _chosen(theme)


def _chosen(theme: str) -> Shipped:
    """The English week with German words, without two of its sections: the lead's is one of them."""
    table = VariantsTable(languages=("de",), sections=True)
    newsletter = _newsletter(theme, "").model_copy(update={"variants": table})
    printed = variants.print_all(sample_issue.content(), newsletter, public_url=URL)
    maker = compiling.Maker(compiling.envelope_of(newsletter, DATE, URL), KEY)
    made = Choices(maker.whole(printed.rendered), maker, printed.variants)
    choice = Choice("de", theme, ("Harbour", "Sport"), ("Town",))
    message = made.message(READER._replace(choice=choice.text))
    return Shipped(_name("digest", theme, "chosen"), message.data)


def _newsletter(theme: str, language: str) -> Schedule:
    return schedule(theme, **(sample_issue.ARABIC if language else {}))


def _name(*parts: str) -> str:
    return "-".join(filter(None, parts))


def _notice(kind: str, theme: str, language: str) -> Shipped:
    newsletter = _newsletter(theme, language)
    data = told(render.NOTICES[kind])
    rendered = render.render_notice(kind, data, newsletter, public_url=URL)
    envelope = compiling.envelope_of(newsletter, DATE, URL)
    message = compiling.compile_notice(rendered, envelope, READER.address, kind)
    return Shipped(_name(kind, theme, language), message.data)


def told(needed: Iterable[str]) -> dict[str, str]:
    """A value for each name that a notice asks for."""
    return {
        name: f"{URL}/{name[:-4]}/kQ3v9sXb2mR7tYc1LhPz8w"
        if name.endswith("_url")
        else TOLD.get(name, "12")
        for name in needed
    }


def _digest(name: str, newsletter: Schedule, content: IssueContent) -> Shipped:
    rendered = render.render(content, newsletter, public_url=URL)
    assert SLOTS["leave_url"] in rendered.html
    envelope = compiling.envelope_of(newsletter, DATE, URL)
    message = compiling.compile_edition(rendered, envelope, key=KEY).message(READER)
    return Shipped(name, message.data)
