"""What an operator wrote: the settings, the schedules, and where each of them stands."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from digest import toml_places
from digest.schedules import Schedule
from digest.setting_files import PREFIX, Place, places
from digest.settings import Settings

#: Where settings are looked for beside the environment.
ENV_FILE = Path(".env")

#: Ways out that reach nobody's mailbox.
NOWHERE = ("outbox",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """places: where each setting that says something stands."""

    settings: Settings
    schedules: Mapping[str, Schedule]
    places: Mapping[str, Place]

    @classmethod
    def of(cls, settings: Settings, schedules: Mapping[str, Schedule]) -> Setup:
        """As this process sees it."""
        return cls(settings=settings, schedules=schedules, places=places(os.environ, ENV_FILE))

    def at(self, key: str) -> str:
        """A setting and where it is said: `.env:12 DIGEST_PORT`."""
        name = PREFIX + key.upper()
        file, line = self.places.get(name, ("", None))
        if not file:
            return f"{name}, which is not set"
        return f"{file}:{line} {name}" if line else f"{file} {name}"

    def line(self, newsletter: str, *path: str | int) -> str:
        """A key of a schedule and where it stands: `schedules/sunday.toml:8 newsletter.from_address`."""
        file = self.settings.schedules / f"{newsletter}.toml"
        told = ".".join(str(part) for part in path if isinstance(part, str))
        try:
            line = toml_places.line_of(file.read_text("utf-8-sig"), path)
        except (OSError, ValueError):
            line = None
        return f"{file}:{line} {told}" if line else f"{file} {told}"

    @property
    def mails(self) -> bool:
        """Whether anything leaves but into files."""
        return any(name not in NOWHERE for name in self.settings.providers)

    @property
    def reaches_strangers(self) -> bool:
        """Whether it surely leaves this machine; a relay here may be one for trying."""
        return any(not is_here(host) for host in self._hosts())

    def _hosts(self) -> list[str]:
        found = []
        for name in self.settings.providers:
            if name == "smtp":
                found.append(self.settings.smtp_host)
            elif name not in NOWHERE:
                address = getattr(self.settings, f"{name}_url", "") or "https://elsewhere.invalid"
                found.append(urlsplit(address).hostname or "")
        return found


def is_here(host: str) -> bool:
    """Whether a name or an address is this very machine."""
    if host.rstrip(".").lower() in ("localhost", "localhost.localdomain"):
        return True
    found = address_in(host)
    return found is not None and found.is_loopback


def address_in(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_private(host: str) -> bool:
    """Whether nobody outside of this network reaches it, as its name or number shows."""
    found = address_in(host)
    if found is not None:
        return not found.is_global
    last = host.rstrip(".").lower().rpartition(".")[2]
    return (
        is_here(host) or "." not in host or last in ("local", "lan", "internal", "home", "intern")
    )


#: Names that stand in examples and belong to nobody (RFC 2606, RFC 6761).
_EXAMPLES = ("example", "invalid", "test", "example.com", "example.org", "example.net")


def is_example(host: str) -> bool:
    """Whether a name is one of those that are kept for examples."""
    return any(f".{host.rstrip('.').lower()}".endswith(f".{one}") for one in _EXAMPLES)
