"""The terms of an SPF record, by the grammar of RFC 7208 §12: one that is wrong makes the whole record an error."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass


class Broken(Exception):
    """A record that no receiver can evaluate."""


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism, or a modifier (`redirect=`). small, large: lengths of prefixes for either kind of address."""

    name: str
    value: str = ""
    qualifier: str = ""
    small: int = 32
    large: int = 128
    is_modifier: bool = False


_MECHANISM = re.compile(
    r"([+?~-]?)([a-z][a-z0-9._-]*)(?::(.*?))?(?:/(0|[1-9]\d*))?(?://(0|[1-9]\d*))?", re.I
)
_MODIFIER = re.compile(r"([a-z][a-z0-9._-]*)=(.*)", re.I)
_IP = re.compile(r"([+?~-]?)(ip[46]):(\S+)", re.I)

_MACRO = r"%(?:\{[slodiphcrtv]\d*r?[.+,/_=-]*\}|[%_-])"
_TEXT = re.compile(rf"(?:{_MACRO}|[!-$&-~])*", re.I)
#: Ends in a macro, or in a label that is not all digits.
_DOMAIN = re.compile(
    rf"(?:{_MACRO}|[!-$&-~])*(?:%\{{[^}}]*\}}|\.(?!\d+\.?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?)",
    re.I,
)
#: Mechanism → whether it has a domain (None: it may), and whether it has prefixes.
_SHAPES: dict[str, tuple[bool | None, bool]] = {
    "all": (False, False),
    "include": (True, False),
    "exists": (True, False),
    "a": (None, True),
    "mx": (None, True),
    "ptr": (None, False),
}


def terms(record: str) -> list[Term]:
    """Every term of a record. Raises Broken at the first that is none."""
    if not re.fullmatch(r"[ -~]*", record):
        raise Broken("holds signs that no record may hold")
    found = [_term(word) for word in record.split(" ")[1:] if word]
    for name in ("redirect", "exp"):
        if sum(one.is_modifier and one.name == name for one in found) > 1:
            raise Broken(f"has {name}= twice")
    return found


def _term(word: str) -> Term:
    fault = Broken(f"{word!r} is no term of SPF")
    if (given := _MODIFIER.fullmatch(word)) and ":" not in given[1]:
        name = given[1].lower()
        shape = _DOMAIN if name in ("redirect", "exp") else _TEXT
        if not shape.fullmatch(given[2]):
            raise fault
        return Term(name, given[2], is_modifier=True)
    if given := _IP.fullmatch(word):
        return Term(given[2].lower(), _network(given[2], given[3], fault), given[1])
    given = _MECHANISM.fullmatch(word)
    if not given or given[2].lower() not in _SHAPES:
        raise fault
    qualifier, name, value, small, large = given.groups()
    named, sized = _SHAPES[name.lower()]
    if named is not None and named != (value is not None):
        raise fault
    if (value is not None and not _DOMAIN.fullmatch(value)) or ((small or large) and not sized):
        raise fault
    found = Term(name.lower(), value or "", qualifier, int(small or 32), int(large or 128))
    if found.small > 32 or found.large > 128:
        raise fault
    return found


def _network(name: str, text: str, fault: Broken) -> str:
    """A network of the right kind, its length written without a nought before it."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise fault from None
    if network.version != int(name[2]) or re.search(r"/0\d|/.*\.", text):
        raise fault
    return text
