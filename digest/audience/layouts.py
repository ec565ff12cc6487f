"""The layouts of the exports of other mailing systems, and what a row of each says of a reader.

facts: collect §5 names the source of each layout. A file that is none of them is a CSV like any other.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from zoneinfo import available_timezones as zone_names

from digest.audience import addresses, columns, told_times
from digest.audience import cells as cells_of
from digest.audience.columns import Columns, Sign
from digest.audience.standings import REFUSED, Standing, folded, words_of
from digest.errors import BadInput

_UNSUBSCRIBED, _PENDING, _ACTIVE = Standing.UNSUBSCRIBED, Standing.PENDING, Standing.ACTIVE

#: What systems mean by words of their own, where that is not what others mean by them.
_OWN_WORDS = {
    "beehiiv": {"inactive": _UNSUBSCRIBED, "paused": Standing.INACTIVE},
    "kit": {"inactive": _PENDING, "cold": _ACTIVE},
    "listmonk": {"disabled": _UNSUBSCRIBED},
    "buttondown": {
        **dict.fromkeys(words_of("regular premium gifted trialed churning churned pastdue paused"), _ACTIVE),
        **dict.fromkeys(words_of("unactivated unpaid upcoming"), _PENDING),
        "removed": _UNSUBSCRIBED,
    },
}  # fmt: skip

#: The word in the name of one of Mailchimp's files that says who is in it.
_MAILCHIMP_FILES = re.compile(
    r"(?<![a-z])(nonsubscribed|non-subscribed|unsubscribed|cleaned|archived)(?![a-z])"
)
_MAILCHIMP_STANDINGS = {
    "unsubscribed": _UNSUBSCRIBED,
    "cleaned": Standing.BOUNCED,
    "archived": Standing.INACTIVE,
}


class Member(NamedTuple):
    """A reader as a file tells of them.

    line: where the row begins, from 1. joined, left: as told there, or None. told: `joined` in the
    file's own words. odd: what of the row cannot be used.
    """

    line: int
    address: str
    key: str
    standing: Standing
    name: str = ""
    language: str = ""
    timezone: str = ""
    tags: tuple[str, ...] = ()
    joined: dt.datetime | None = None
    left: dt.datetime | None = None
    network: str = ""
    told: str = ""
    odd: str = ""


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that is not taken, or something in it. kind: the reason in few words, the same for many rows.

    standing, told: what the row says of its reader, where that could be read.
    """

    line: int
    text: str
    kind: str
    reason: str
    standing: Standing | None = None
    told: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read. platform: whose export it is, or `csv`. everybody: what the whole file says."""

    platform: str
    columns: Columns
    everybody: Standing = _ACTIVE

    def member(self, line: int, cells: Sequence[str]) -> Member | RowError:
        """The reader of a row, or why there is none."""
        where = self.columns
        text = cells_of.plain(_cell(cells, where.email))
        standing, unknown = self._standing(cells)
        name = " ".join([cells_of.plain(_cell(cells, at)) for at in where.names])
        try:
            if "<" in text:
                spoken, text = parseaddr(text)
                name = name or spoken
            address = addresses.parse(text)
        except BadInput as error:
            kind = "no usable address" if error.item != "(empty)" else "no address"
            return RowError(line, error.item, kind, error.reason, standing, self._told(cells))
        if unknown is not None:
            return RowError(line, address.address, "unknown status", unknown)
        if standing in REFUSED:
            refusal = _REFUSALS[standing]
            return RowError(line, address.address, *refusal, standing, self._told(cells))
        return self._filled(line, cells, address, name, standing)

    def _filled(
        self,
        line: int,
        cells: Sequence[str],
        address: addresses.Address,
        name: str,
        standing: Standing,
    ) -> Member:
        where = self.columns
        zone, no_zone = _zone(_optional(cells, where.timezone))
        told = self._told(cells)
        left = None
        if standing.rank >= Standing.BOUNCED.rank:
            ends = [_cell(cells, sign.at) for sign in where.signs if sign.kind == "when"]
            left = max(filter(None, map(told_times.moment, ends)), default=None)
        return Member(
            line,
            address.address,
            address.key,
            standing,
            " ".join(name.split())[:200],
            _language(_optional(cells, where.language)),
            zone,
            _tags(_optional(cells, where.tags)),
            told_times.moment(told),
            left,
            _network(_first(cells, where.network)),
            told,
            f"{no_zone[:60]!r} is no time zone such as Europe/London: taken without one"
            if no_zone
            else "",
        )

    def _told(self, cells: Sequence[str]) -> str:
        return _first(cells, self.columns.joined)

    def _standing(self, cells: Sequence[str]) -> tuple[Standing, str | None]:
        """How the reader stands by the gravest of all signs; and what is not known, if nothing grave is."""
        gravest, unknown = self.everybody, None
        for sign in self.columns.signs:
            cell = _cell(cells, sign.at)
            said = sign.read(cell)
            if said is None:
                unknown = f"{sign.header or f'column {sign.at + 1}'} is {cell[:60] or 'empty'}, which is not a subscribed reader's"
            elif said.rank > gravest.rank:
                gravest = said
        return gravest, None if gravest.rank >= Standing.BOUNCED.rank else unknown


_REFUSALS = {
    Standing.INACTIVE: ("not mailed any more", "the other system had stopped mailing this reader"),
    Standing.STRANGER: ("never subscribed", "a contact who never subscribed to anything"),
}


def recognise(
    name: str, first: Sequence[str], sample: Sequence[Sequence[str]], wanted: str = ""
) -> Layout:
    """The layout of a file by its name, its first row and some rows after it.

    wanted: the columns as a person named them. Raises BadInput where no column holds addresses.
    """
    headers = {folded(cell) for cell in first}
    platform = _platform(headers)
    found = columns.chosen(wanted, first) if wanted else columns.guess(first, sample)
    own = _OWN_WORDS.get(platform, {})
    signs = tuple(_tuned(sign, platform, own, headers) for sign in found.signs)
    kept = tuple(sign for sign in signs if sign is not None)
    everybody = _of_mailchimp(name, headers) if platform == "mailchimp" else _ACTIVE
    return Layout(platform, dataclasses.replace(found, signs=kept), everybody)


def _platform(headers: set[str]) -> str:
    """Whose export has such headers; the order matters where one has what another has, too."""
    email = headers & {"email", "emailaddress"}
    state = headers & {"status", "state"}
    tests = (
        ("sunday-catchup", {"email", "status", "askedat", "changedat"} <= headers),
        ("mailchimp", {"leid", "euid"} <= headers or {"memberrating", "optintime"} <= headers),
        ("substack", bool(headers & {"emaildisabled", "activesubscription"})),
        ("ghost", "subscribedtoemails" in headers),
        ("listmonk", {"uuid", "email", "attributes", "status"} <= headers),
        (
            "buttondown",
            bool(email & {"emailaddress"})
            and bool(headers & {"creationdate", "unsubscriptiondate", "undeliverabilitydate"}),
        ),
        ("mailpoet", _is_mailpoet(headers)),
        ("beehiiv", _is_beehiiv(headers)),
        ("kit", bool(email and state) and "createdat" in headers and "lastname" not in headers),
    )
    return next((name for name, fits in tests if fits), "csv")


def _is_mailpoet(headers: set[str]) -> bool:
    of_list = {
        "liststatus",
        "listenstatus",
        "statutdelaliste",
        "estadodelalista",
        "statodellalista",
    }
    in_all = {"globalstatus", "globalerstatus", "statutglobal", "estadoglobal", "statoglobale"}
    return bool(headers & of_list and headers & in_all)


def _is_beehiiv(headers: set[str]) -> bool:
    tier = {"tier", "subscriptiontier", "subscriptionpremiumtiers", "subscriptionpremiumtiernames"}
    return "status" in headers and bool(headers & tier or "unsubscribedat" in headers)


def _tuned(sign: Sign, platform: str, own: dict[str, Standing], headers: set[str]) -> Sign | None:
    """A sign as its system means it; None where it means nothing there."""
    name = folded(sign.header)
    if platform == "sunday-catchup" and name == "suppressed":
        return Sign(sign.at, sign.header, "word", empty=_ACTIVE, other=Standing.BLOCKED)
    if platform == "substack" and name == "type":
        return None  # paid, comp or gift: who pays is not who is mailed
    if platform == "buttondown" and "type" in headers and sign.means is Standing.BOUNCED:
        return None if sign.kind == "when" else dataclasses.replace(sign, words=own, other=None)
    if platform == "buttondown" and name == "type":
        return dataclasses.replace(sign, words=own, empty=None, other=None)
    if platform == "ghost" and name == "subscribedtoemails":
        # https://ghost.org/help/import-members/: left empty it means yes
        return dataclasses.replace(sign, empty=_ACTIVE)
    return dataclasses.replace(sign, words=own) if sign.kind == "word" else sign


def _of_mailchimp(name: str, headers: set[str]) -> Standing:
    """Mailchimp has no column for it: the file's own name and columns say who is in it."""
    if "cleantime" in headers:
        return Standing.BOUNCED
    if "unsubtime" in headers:
        return _UNSUBSCRIBED
    found = _MAILCHIMP_FILES.search(name.lower().replace("_", " "))
    return _MAILCHIMP_STANDINGS.get(found[1], Standing.STRANGER) if found else _ACTIVE


# ---------------------------------------------------------------- cells


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _first(cells: Sequence[str], columns: Sequence[int]) -> str:
    """The first of these cells that is not empty."""
    for at in columns:
        if cell := _cell(cells, at):
            return cell
    return ""


def _optional(cells: Sequence[str], at: int | None) -> str:
    return "" if at is None else _cell(cells, at)


@lru_cache(maxsize=4096)
def _tags(text: str) -> tuple[str, ...]:
    """Tags in a cell: separated by commas or semicolons, each perhaps in quotes; each once."""
    if not text:
        return ()
    delimiter = ";" if ";" in text and "," not in text and text[:1] != '"' else ","
    (cells,) = csv.reader([" ".join(text.split())], delimiter=delimiter, skipinitialspace=True)
    found = (" ".join(cells_of.plain(cell.strip(" []\"'")).split())[:80] for cell in cells)
    return tuple(dict.fromkeys(tag for tag in found if tag))[:50]


@lru_cache(maxsize=1024)
def _language(text: str) -> str:
    """A tag such as `pt-BR` (BCP 47) from what systems write for it; empty where it is none."""
    found = re.fullmatch(
        r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|[A-Za-z]{4}|\d{3}))?(?:[.@].*)?", text
    )
    if found is None:
        return ""
    region = found[2] or ""
    written = region.title() if len(region) == 4 else region.upper()
    return found[1].lower() + (f"-{written}" if written else "")


@lru_cache(maxsize=1024)
def _zone(text: str) -> tuple[str, str]:
    """(the IANA name of a time zone, what the file has instead that is none)."""
    known = _zones().get(text.casefold().replace(" ", "_"), "")
    return known, "" if known else text


@cache
def _zones() -> dict[str, str]:
    """The names of all zones by how they are compared, read once."""
    return {name.casefold(): name for name in zone_names()}


_IPV4 = re.compile(
    r"((?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.){3})(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
)


def _network(text: str) -> str:
    """An address of a machine shortened to its /24 or /48, as evidence is kept; empty where it is none."""
    if not text:
        return ""
    if plain := _IPV4.fullmatch(text):
        return f"{plain[1]}0/24"
    try:
        found = ip_address(text)
    except ValueError:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))
