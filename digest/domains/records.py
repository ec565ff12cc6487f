"""Records as text: lists of tags as DKIM and DMARC write them, and lines to paste into a zone file."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: RFC 1035 §3.3: a string of a TXT record has no more bytes.
_STRING = 255


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what was found.

    publish: lines of a zone file that would mend it. where: the file and line, the setting, or the page where it
    is said. why: what comes of it. remedy: what to do. doubtful: it works, and is likely not what was meant.
    """

    subject: str
    fine: bool
    text: str
    publish: tuple[str, ...] = ()
    where: str = ""
    why: str = ""
    remedy: str = ""
    doubtful: bool = False

    @property
    def weight(self) -> str:
        """`BAD`, `warn` or `ok`, the gravest first in the alphabet of signs."""
        return "BAD" if not self.fine else "warn" if self.doubtful else "ok"


def tags(record: str) -> dict[str, str]:
    """`v=DKIM1; k=rsa; p=…` as a table (RFC 6376 §3.2): the first of two, spaces around them away."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip(), value.strip())
    return found


def txt(name: str, text: str) -> str:
    """A TXT record as a line of a zone file; a long one in several strings, which readers join."""
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    strings = [escaped[at : at + _STRING] for at in range(0, len(escaped), _STRING)]
    return f"{name}. 3600 IN TXT " + " ".join(f'"{one}"' for one in strings)
