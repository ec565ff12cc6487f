"""What ails a source, in plain words, and what to do about it. Pure.

The errors themselves (`sources/`) stay short, and say what the other side said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ITSELF = "Nothing to do: it is asked again by itself, ever more seldom."
_FIND = "`digest sources find` with the site's address says what it offers; write that into the schedule."
_FILE = "Look at the path in the schedule, and at who may read it."

#: The error's words → what it means, and what to do; tried in this order.
_KNOWN = (
    (r"answered 410\b", "The site says that it is gone for good.", f"It is asked once a week. {_FIND}"),
    (r"answered 404\b", "There is nothing at this address.", _FIND),
    (
        r"answered 40[137]\b|answered 451\b",
        "The site does not let us in.",
        "Ask the site to let the program in: some turn away all that is no browser. A key may be wrong.",
    ),
    (
        r"answered 429\b|asked to be left alone",
        "The site asks for quiet.",
        "Nothing to do: the wish is kept. Where it comes again and again, write a longer `every`.",
    ),
    (r"answered 5\d\d\b", "The site itself is out of order.", _ITSELF),
    (r"answered \d{3}\b", "The site gives another answer than a page.", _FIND),
    (
        r"is no (?:sitemap|answer of|list of)|no feed|cannot be (?:unpacked|opened)",
        "What is there is not what the schedule says.",
        f"Is its `kind` right? {_FIND}",
    ),
    (
        r"is not a public address",
        "Its address lies in a network of our own, which is not read.",
        "DIGEST_FETCH_ALLOW names the networks that may be read all the same.",
    ),
    (
        r"port \d+ is no web site's",
        "Its address names a port that no web site has.",
        "Give its address without the port, or on 80, 443 or another port of the web.",
    ),
    (
        r"an address with a password",
        "Its address has a password in it, and such a one is not read.",
        "Write the address without it.",
    ),
    (r"not a web address|only http and https", "Its address is no web address.", _FIND),
    (
        r"Name or service not known|getaddrinfo|nodename|No address associated|name resolution",
        "Its server's name is not known.",
        "Is the address spelled right, and does this machine have a network?",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate",
        "The site's certificate is not valid.",
        "The site must renew it; nothing is read until then.",
    ),
    (r"Connection refused", "Nobody answers at its server.", _ITSELF),
    (
        r"no whole answer in|host was busy",
        "It is too slow.",
        f"{_ITSELF} Where it stays slow, write a longer `every`.",
    ),
    (r"no answer", "It cannot be reached.", _ITSELF),
    (r"larger than", "It is larger than what is read.", _FIND),
    (
        r"sends us (?:on more than|to what is no)",
        "It sends us round in a circle.",
        f"Open its address in a browser. {_FIND}",
    ),
    (r"compressed", "Its answer is broken.", _ITSELF),
    (r"there is no such|cannot be read: |Permission denied", "Its file or folder is not there.", _FILE),
    (
        r"could not be (?:stored|noted)",
        "It was read, and the database would not take it.",
        "`digest doctor` says what is wrong with it; what was read comes again.",
    ),
    (
        r"kind of source '",
        "The plug-in that reads it cannot be used.",
        "`digest doctor` says what is wrong with it, and whose package it is.",
    ),
    (
        r"time and memory",
        "It takes more time or memory than it may.",
        f"Something in it is huge or broken. {_FIND}",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ailment:
    """An error as a person reads it. remedy: what to do."""

    words: str
    remedy: str


def ailment(error: str) -> Ailment:
    """What an error of a source means; the error's own words belong beside it."""
    reason = re.sub(r"^\S+: ", "", error)  # its address may say anything
    for words, meaning, remedy in _KNOWN:
        if re.search(words, reason, re.IGNORECASE):
            return Ailment(meaning, remedy)
    return Ailment("It could not be read.", _FIND)
