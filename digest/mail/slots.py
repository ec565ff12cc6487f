"""Slots: places in an edition where each reader's own values come, long after it is rendered."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Mapping

from digest.model import Rendered

#: Begins every sentinel. Cleaning removes it from all content, so nobody can forge a slot.
MARK = "zqSLOT"

#: Slot name → the sentinel that stands for it. Letters and digits only: such a word survives HTML,
#: URLs and quoted-printable unchanged.
SLOTS: dict[str, str] = {"leave_url": f"{MARK}leaveurlqz"}

#: Slots of the header alone: the address that a mail is sent to by who wants to leave.
HEAD_SLOTS: dict[str, str] = {"leave_mail": f"{MARK}leavemailqz"}


#: What a filled slot may take in bytes: our own links have some 150.
ROOM = 400


def fill(rendered: Rendered, values: Mapping[str, str]) -> Rendered:
    """The same mail with its slots filled, for a preview or the archive; the checksum stays the edition's.

    Raises ValueError where a slot has no value or a value no slot.
    """
    if values.keys() != SLOTS.keys():
        odd = ", ".join(sorted(values.keys() ^ SLOTS.keys()))
        raise ValueError(f"slots and values do not match: {odd}")
    page, text = rendered.html, rendered.text
    for name, value in values.items():
        page = page.replace(SLOTS[name], html.escape(value))
        text = text.replace(SLOTS[name], plain(value))
    return dataclasses.replace(rendered, html=page, text=text)


def plain(value: str) -> str:
    """A value for the text part: one line of visible characters."""
    if value.isprintable():
        return value
    return "".join(sign for sign in value if sign.isprintable())
