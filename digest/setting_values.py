"""What some settings must look like, each refused with what was expected."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator

from digest import plugin_entries
from digest.limits import by_provider
from digest.plugin_entries import Room
from digest.values import web_address


def in_order(value: str) -> tuple[str, ...]:
    """The names of a list with commas."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _providers(value: str) -> str:
    """One provider, or several in the order in which they take over; ours or a plug-in's."""
    names = in_order(value)
    if not names:
        raise ValueError(f"expected one or more of {', '.join(plugin_entries.PROVIDERS)}")
    for name in names:
        if not plugin_entries.known(Room.PROVIDERS, name):
            raise ValueError(plugin_entries.unknown(Room.PROVIDERS, name))
    if len(set(names)) < len(names):
        raise ValueError("a provider is named twice")
    return ", ".join(names)


def _public_url(value: str) -> str:
    """An http address that a path can be written after."""
    parts = urlsplit(web_address(value))
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("expected an address without '?', '#' and '@'")
    return value


def _api_url(value: str) -> str:
    """A provider's address: encrypted, unless it is on this machine."""
    parts = urlsplit(_public_url(value))
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("expected an address that begins https://")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    """Empty, or of a database that we know. The value may hold a password: no fault repeats it."""
    if value and not re.match(r"(sqlite|postgres|postgresql|postgresql\+psycopg)://", value):
        raise ValueError("expected an address that begins sqlite:/// or postgresql://")
    if value.startswith("postgres") and _torn(value):
        raise ValueError(
            "the password has a sign that ends it: write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F"
        )
    return value


def _torn(value: str) -> bool:
    """Whether an address of a database breaks in the middle of its password."""
    rest = value.partition("://")[2]
    login = rest.rpartition("@")[0]
    return "@" in login or bool(re.search("[/?#]", login))


def _server_name(value: str) -> str:
    """Empty, a name or an address, without what else an address of the web has."""
    bare = value.strip("[]")
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(bare))
    if re.search(r"[:/@\s,]", value):
        raise ValueError(
            "expected only a server's name, such as mail.example.org; the port has a setting of its own"
        )
    return value


def listened_at(host: str) -> str:
    """The host of an address under which this machine reaches a server that listens so."""
    host = _HERE if host in _EVERYWHERE else host
    return f"[{host}]" if ":" in host else host


#: Listening on all addresses names none of them.
_HERE, _EVERYWHERE = "127.0.0.1", ("", "0.0.0.0", "::")  # noqa: S104  # nosec B104: compared with, never bound to


def _region(value: str) -> str:
    """Empty, or what a region of Amazon's is called: it becomes part of an address."""
    if not re.fullmatch(r"[a-z0-9-]*", value):
        raise ValueError("expected a region such as eu-west-1")
    return value


def _domain(value: str) -> str:
    """Empty, or the name of a domain, in ASCII (IDNA) and small letters."""
    if not value:
        return ""
    try:
        found = validate_email(f"x@{value}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("expected a domain such as gazette.example") from None
    return found.ascii_domain.lower()


def _selector(value: str) -> str:
    """A name that may stand before `._domainkey` (RFC 6376 §3.1)."""
    label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if not re.fullmatch(rf"{label}(\.{label})*", value):
        raise ValueError("expected small letters, digits and hyphens, such as sunday2026")
    return value


InOrder = Annotated[str, AfterValidator(_providers)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Region = Annotated[str, AfterValidator(_region)]
ServerName = Annotated[str, AfterValidator(_server_name)]
Domain = Annotated[str, AfterValidator(_domain)]
Selector = Annotated[str, AfterValidator(_selector)]


def each(read: Callable[[str], object]) -> AfterValidator:
    """A text that says something for one provider or for several: every part must be understood."""

    def check(value: str) -> str:
        for text in by_provider(value).values():
            read(text)
        return value

    return AfterValidator(check)
