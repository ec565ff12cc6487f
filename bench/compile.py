"""How fast messages are made: `python bench/compile.py [seconds] [--json FILE]`.

Prints messages a second of one core for the pieces as the wire takes them, for the pieces joined, for readers
of 32 choices of section, language and theme in turn, and for the standard library's EmailMessage with the
same content, and how many times faster the joined ones are. The ratio travels from machine to machine better than the numbers do.
"""

from __future__ import annotations

import datetime as dt
import email.policy
import itertools
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import measure  # noqa: E402
from digest import render, variants  # noqa: E402
from digest.audience import tokens  # noqa: E402
from digest.delivery import compile as compiling  # noqa: E402
from digest.delivery.choices import Choices  # noqa: E402
from digest.model import Choice, Reader, SubscriberId  # noqa: E402
from digest.schedules import VariantsTable  # noqa: E402
from tests import sample_issue  # noqa: E402

KEY = b"k" * 32
#: What is promised: messages a second of one core, and how many times EmailMessage.
BAR_RATE, BAR_RATIO = 100_000, 500
DATE = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
EDITION = render.render(
    sample_issue.content(), sample_issue.schedule(), public_url=sample_issue.PUBLIC_URL
)
ENVELOPE = compiling.envelope_of(sample_issue.schedule(), DATE, sample_issue.PUBLIC_URL)


def reader(number: int) -> Reader:
    return Reader(
        SubscriberId(number), f"reader{number}@example.net", f"{number:022}", f"Reader {number}"
    )


def choices() -> tuple[Choices, list[str]]:
    """An edition in four variants, and what readers chose of it: each variant without each of eight sets."""
    table = VariantsTable(languages=("de",), themes=("plain",), sections=True)
    schedule = sample_issue.schedule().model_copy(update={"variants": table})
    printed = variants.print_all(
        sample_issue.content(), schedule, public_url=sample_issue.PUBLIC_URL
    )
    maker = compiling.Maker(ENVELOPE, KEY)
    names = ("Town", "Sport", "Culture")
    sets = [c for many in range(4) for c in itertools.combinations(names, many)]
    wishes = [
        Choice(*key.split("."), unwanted=unwanted).text
        for key in printed.variants
        for unwanted in sets
    ]
    return Choices(maker.whole(printed.rendered), maker, printed.variants), wishes


def by_message(number: int) -> bytes:
    """One message by EmailMessage: the slots filled, everything encoded again."""
    one = reader(number)
    token = tokens.leave_token(KEY, "sunday", one.handle)
    leave = f"{ENVELOPE.public_url}/leave/sunday/{token}"
    filled = render.fill(EDITION, {"leave_url": leave})
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = f"{ENVELOPE.from_name} <{ENVELOPE.from_address}>"
    message["To"] = f"{one.name} <{one.address}>"
    message["Subject"] = filled.subject
    message["Date"] = ENVELOPE.date
    key = tokens.message_key(KEY, EDITION.checksum, one.handle)
    message["Message-ID"] = f"<{key}@{ENVELOPE.domain}>"
    message["List-Unsubscribe"] = f"<{leave}>"
    message.set_content(filled.text, cte="quoted-printable")
    message.add_alternative(filled.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def rate(make: Callable[[int], object], seconds: float) -> float:
    """Messages a second of processor time."""
    made, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for _ in range(10):
            make(made)
            made += 1
    return made / spent


def main() -> None:
    asked = measure.asked(__doc__, "seconds", 2.0)
    seconds = asked.seconds
    start = time.process_time()
    compiled = compiling.compile_edition(EDITION, ENVELOPE, key=KEY)
    once = time.process_time() - start
    in_pieces = rate(lambda number: compiled.message(reader(number)).pieces, seconds)
    joined = rate(lambda number: compiled.message(reader(number)).data, seconds)
    encoded = rate(by_message, seconds)
    forms, wishes = choices()
    start = time.process_time()
    for wish in wishes:
        forms.message(reader(1)._replace(choice=wish))
    together = (time.process_time() - start) / len(wishes)
    chosen = rate(
        lambda number: (
            forms.message(reader(number)._replace(choice=wishes[number % len(wishes)])).pieces
        ),
        seconds,
    )
    size = len(compiled.message(reader(1)).data)
    print(f"a message of {size:,} bytes; compiled once in {once * 1000:.1f} ms")
    print(f"pieces          {in_pieces:>10,.0f} messages/s/core")
    print(f"pieces, joined  {joined:>10,.0f} messages/s/core")
    print(
        f"of {len(wishes)} choices   {chosen:>10,.0f} messages/s/core, in pieces; a choice is put together in {together * 1000:.1f} ms"
    )
    print(f"EmailMessage    {encoded:>10,.0f} messages/s/core")
    print(f"ratio           {joined / encoded:>10,.0f}")
    figures = {"pieces": in_pieces, "joined": joined, "chosen": chosen, "EmailMessage": encoded}
    measure.keep(asked.json, bytes=size, per_second=figures)
    met = joined >= BAR_RATE and joined >= BAR_RATIO * encoded
    print(f"bar             {BAR_RATE:,}/s/core and {BAR_RATIO}x: {'met' if met else 'missed'}")


if __name__ == "__main__":
    main()
