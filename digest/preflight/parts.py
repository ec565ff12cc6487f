"""What holds for a part as a whole, without reading it as HTML: is it there, is it clean, is it short enough."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.mail.slots import MARK, ROOM, SLOTS
from digest.model import Rendered
from digest.preflight.findings import Finding, Item, error, warning

#: Gmail hides what comes after so many bytes of HTML.
CLIPPED = 102_400
#: From here on it is close: forwarding makes a mail longer. Our own mails fold before (digest.render).
NEARLY_CLIPPED = 95_000

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
#: The same, as HTML may write them; Gmail cuts a mail off at some of these (C1).
_REFERENCE = re.compile(r"&#(?:0*(?:0|12[7-9]|1[345]\d)|x0*(?:0|7f|[89][0-9a-f]));", re.IGNORECASE)
#: A tag that holds a backslash: what the engine makes of a sign that it does not escape as HTML does.
_BROKEN = re.compile(r"<[A-Za-z][^<>]*\\")
_CORRECT = "Take them out of the title or text that they came with, and build again."
_TEMPLATE = "Mend the template (templates/email), and build again."
_ITEMS = {
    "HTML": Item.PAGE,
    "text": Item.TEXT,
    "subject": Item.SUBJECT,
    "preheader": Item.PREHEADER,
}


def check(rendered: Rendered) -> Iterator[Finding]:
    """Both parts, the subject and the preheader."""
    parts = {"HTML": rendered.html, "text": rendered.text}
    for name, part in parts.items():
        if not part.strip():
            yield error(f"The {name} part is empty.", _TEMPLATE, item=_ITEMS[name])
    if SLOTS["leave_url"] not in rendered.text:
        yield error(
            "The text part has no link to leave the newsletter.",
            "Put slots.leave_url into its template, and build again.",
            item=Item.TEXT,
        )
    everything = {"subject": rendered.subject, "preheader": rendered.preheader, **parts}
    for name, part in everything.items():
        yield from _signs(name, part)
    if found := _REFERENCE.search(rendered.html):
        yield error(f"The HTML holds a control character, written as “{found[0]}”.", _CORRECT)
    if _BROKEN.search(rendered.html):
        yield error(
            "The HTML part has a broken attribute: a backslash where a sign should be.",
            "Find the story whose title, picture or address has an unusual sign, and correct it.",
        )
    yield from _size(rendered.html)


def _signs(name: str, part: str) -> Iterator[Finding]:
    """Signs that no mail may hold."""
    if found := _CONTROL.search(part):
        yield error(
            f"The {name} holds control characters (U+{ord(found[0]):04X}), which nobody sees and"
            " filters mistrust.",
            _CORRECT,
            item=_ITEMS[name],
        )
    for sentinel in SLOTS.values():
        part = part.replace(sentinel, "")
    if MARK in part:
        yield error(
            f"The {name} holds a slot that nothing will fill.", _TEMPLATE, item=_ITEMS[name]
        )
    if "\ufffd" in part:
        yield warning(
            f"The {name} holds “\ufffd”, which stands for a sign that could not be read.",
            "Correct it at its source: the story was read in another encoding than it is written in.",
            item=_ITEMS[name],
        )


def _size(html: str) -> Iterator[Finding]:
    size = len(html.encode("utf-8", "replace")) + ROOM * html.count(MARK)
    if size > CLIPPED:
        yield error(
            f"The HTML part has {size:,} bytes; Gmail cuts it off at {CLIPPED:,}.",
            "Tell fewer stories in full ([compose] stories), or in fewer words ([summarise] words).",
        )
    elif size > NEARLY_CLIPPED:
        yield warning(
            f"The HTML part has {size:,} bytes; Gmail cuts mails off at {CLIPPED:,}.",
            "It fits; for more room tell fewer stories in full ([compose] stories).",
        )
