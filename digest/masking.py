"""What may be a secret in an address, hidden before a page shows it: the login, and what its parameters say."""

from __future__ import annotations

import re

HIDDEN = "…"

#: scheme, login, the rest up to its parameters, the parameters, what follows `#`.
_ADDRESS = re.compile(r"\b(https?://)(?:[^\s/?#]*@)?([^\s?#]*)(\?[^\s#]*)?(#\S*)?", re.IGNORECASE)
#: What ends a sentence and no address.
_ENDS = ".,:;)]}>\"'”’»"


def masked(text: str) -> str:
    """A text with every web address in it shown without its login and the values of its parameters.

    A name of a parameter stays, so that one can see which address is meant; `#` and what follows goes.
    """
    return _ADDRESS.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    scheme, place, query, mark = found[1], found[2], found[3] or "", found[4] or ""
    ends = "" if not (query or mark) else _end_of(mark or query)
    names = [pair.partition("=") for pair in query[1:].split("&") if pair.strip(_ENDS)]
    told = "&".join(f"{name}={HIDDEN}" if equals else HIDDEN for name, equals, _ in names)
    return f"{scheme}{place}" + (f"?{told}" if told else "") + ends


def _end_of(text: str) -> str:
    return text[len(text.rstrip(_ENDS)) :]
