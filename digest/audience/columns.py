"""Which column of a foreign file is what, by the headers that mailing systems write.

facts: the exports of eleven systems (collect §5). Headers are compared without case and signs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones as zone_names

from digest.errors import BadInput

_ADDRESS = frozenset({"email", "emailaddress", "mail", "emailadresse", "deineemailadresse",
    "adresseemail", "adressemail", "correo", "correoelectronico", "address"})  # fmt: skip
_NAME = frozenset({"name", "fullname", "displayname", "nom"})
_FIRST = frozenset({"firstname", "vorname", "givenname", "prenom"})
_LAST = frozenset({"lastname", "nachname", "surname", "familyname"})
_ZONE = frozenset({"timezone", "tz", "zeitzone", "fuseauhoraire", "zonahoraria"})
_STATUS = frozenset({"status", "state", "liststatus", "globalstatus", "type"})
#: What those systems call a reader who may be mailed.
_MAILABLE = frozenset({"subscribed", "active", "enabled", "confirmed", "regular", "premium",
    "gifted", "paid", "comp", "gift", "free", "trialed", "churning", "churned", "pastdue", "paused", "1"})  # fmt: skip
#: Columns with a time, or nothing.
_ENDED = frozenset({"unsubscribedat", "unsubtime", "unsubscriptiondate", "bouncedate",
    "undeliverabilitydate", "cleantime", "deletedat"})  # fmt: skip
_SWITCH_OFF = frozenset({"emaildisabled"})
_SWITCH_ON = frozenset({"subscribedtoemails"})
_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a row. headers: folded; empty where the file has none."""

    email: int
    names: tuple[int, ...] = ()
    zone: int | None = None
    headers: tuple[str, ...] = ()

    @property
    def is_header(self) -> bool:
        return bool(self.headers)

    def address(self, cells: Sequence[str]) -> str:
        return _unguarded(_cell(cells, self.email))

    def name(self, cells: Sequence[str]) -> str:
        return " ".join(filter(None, (_unguarded(_cell(cells, at)) for at in self.names)))

    def timezone(self, cells: Sequence[str]) -> tuple[str, str]:
        """(the IANA name of the reader's time zone, what the file has instead that is none)."""
        name = _cell(cells, self.zone) if self.zone is not None else ""
        known = _zones().get(name.casefold().replace(" ", "_"), "")
        return known, "" if known else name

    def refusal(self, cells: Sequence[str]) -> str | None:
        """Why the file itself says that this reader must not be mailed; None where it does not."""
        for header, cell in zip(self.headers, cells, strict=False):
            value = _folded(cell)
            if header in _STATUS and value not in _MAILABLE:
                return f"{header} is {cell or 'empty'}, which is not a subscribed reader's"
            off = (header in _SWITCH_OFF and value not in _NO) or (
                header in _SWITCH_ON and value not in _YES
            )
            if off or (header in _ENDED and value):
                return f"{header} is {cell}"
        return None


def guess_columns(first: Sequence[str]) -> Columns:
    """The columns by the file's first row. Raises BadInput where none holds addresses."""
    holding = next((at for at, cell in enumerate(first) if "@" in cell), None)
    if holding is not None:
        names = tuple(at for at in range(len(first)) if at != holding)
        return Columns(holding, names if len(first) == 2 else ())
    headers = tuple(_folded(cell) for cell in first)
    email = _place(headers, _ADDRESS)
    if email is None:
        named = ", ".join(first)[:200]
        raise BadInput("line 1", f"no column is called email; there are: {named}")
    name = _place(headers, _NAME)
    parts = (name,) if name is not None else (_place(headers, _FIRST), _place(headers, _LAST))
    spoken = tuple(at for at in parts if at is not None)
    return Columns(email, spoken, _place(headers, _ZONE), headers)


def _place(headers: tuple[str, ...], names: frozenset[str]) -> int | None:
    return next((at for at, header in enumerate(headers) if header in names), None)


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _unguarded(text: str) -> str:
    """Without the apostrophe that an export puts before what could be a formula."""
    return text[1:] if re.match(r"'[=+\-@\t\r]", text) else text


@cache
def _zones() -> dict[str, str]:
    """The names of all zones by how they are compared, read once."""
    return {name.casefold(): name for name in zone_names()}
