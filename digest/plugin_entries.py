"""Which plug-ins are installed, by the metadata of their packages; their code is run only where they are used.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from digest.errors import DigestError
from digest.expected import meant

if TYPE_CHECKING:
    from digest.plugins import Plugin

SOURCE_KINDS = (
    "feed", "wordpress", "ghost", "sitemap", "pages", "markdown", "export", "api",
)  # fmt: skip
SUMMARISERS = ("extractive", "chat")
PROVIDERS = (
    "outbox", "smtp", "postmark", "resend", "brevo", "ses", "sendgrid", "mailgun",
)  # fmt: skip

#: It stands in addresses and in the names of settings.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class Room(StrEnum):
    """What can be brought: each a group of entry points."""

    SOURCES = "sunday_catchup.sources"
    SUMMARISERS = "sunday_catchup.summarisers"
    PROVIDERS = "sunday_catchup.providers"

    @property
    def what(self) -> str:
        return _WHAT[self]

    @property
    def ours(self) -> tuple[str, ...]:
        """The names that come with us; nobody else may have them."""
        return _OURS[self]


_WHAT = {
    Room.SOURCES: "kind of source",
    Room.SUMMARISERS: "summariser",
    Room.PROVIDERS: "provider",
}
_OURS = {
    Room.SOURCES: SOURCE_KINDS,
    Room.SUMMARISERS: SUMMARISERS,
    Room.PROVIDERS: PROVIDERS,
}


class PluginError(DigestError):
    """A plug-in that cannot be used; names its package."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One name that a package brings. fault: why it cannot be had, as far as its metadata tell."""

    room: Room
    name: str
    entry: EntryPoint
    fault: str = ""

    @property
    def package(self) -> str:
        """`sunday-catchup-podcast 1.2`."""
        dist = self.entry.dist
        return f"{dist.name} {dist.version}" if dist else "a package without a name"

    @property
    def told(self) -> str:
        return f"the {self.room.what} {self.name!r} of {self.package}"

    def load(self) -> Plugin:
        """Its description. Raises PluginError, whatever its package does."""
        if self.fault:
            raise PluginError(f"{self.told} {self.fault}")
        try:
            found = self.entry.load()
        except (Exception, SystemExit) as error:  # what others wrote may end in any way
            why = f"{type(error).__name__}: {error}".splitlines()[0]
            told = f"{self.told} cannot be loaded ({self.entry.value}): {why}"
            raise PluginError(f"{told}; mend the package, or take it off") from error
        shape = _shape(self.room)
        if not isinstance(found, shape):
            told = f"{self.told} cannot be used: {self.entry.value} is no {shape.__name__}"
            raise PluginError(f"{told}; see docs/extending.md")
        return found  # type: ignore[no-any-return]


def _shape(room: Room) -> type[Any]:
    """What an entry point of a room must name; imported late, for most who ask for settings need no plug-in."""
    from digest.plugins import ProviderPlugin, SourcePlugin, SummariserPlugin

    return {Room.SOURCES: SourcePlugin, Room.SUMMARISERS: SummariserPlugin}.get(
        room, ProviderPlugin
    )


def offers(room: Room) -> tuple[Offer, ...]:
    """What the packages installed here bring to a room, by name; also what cannot be had, with its fault."""
    return _offers(room, tuple(sys.path))


def known(room: Room, name: str) -> bool:
    """Whether a name is ours, or some package's, usable or not. Nothing is loaded."""
    return name in room.ours or any(one.name == name for one in offers(room))


#: What people call what has another name here.
_USUALLY = {
    **dict.fromkeys(("rss", "atom", "rdf", "xml", "json-feed"), ("feed",)),
    **dict.fromkeys(("wp", "word-press"), ("wordpress",)),
    **dict.fromkeys(("mail", "email", "sendmail", "postfix", "relay"), ("smtp",)),
    **dict.fromkeys(("aws", "amazon", "amazon-ses"), ("ses",)),
    **dict.fromkeys(("openai", "llm", "gpt", "ollama", "model"), ("chat",)),
}


def unknown(room: Room, name: str) -> str:
    """What is said to who names something that nobody brings: the names that there are, and whence it might come.

    No package is named where one of the names was meant: who installs what a slip of the pen names may get anything.
    """
    brought = {one.name: one.package for one in offers(room) if not one.fault}
    there = (*room.ours, *(f"{key} ({package})" for key, package in brought.items()))
    told = f"no {room.what} is called {name!r}; there are {', '.join(there)}"
    usual = [one for one in _USUALLY.get(name.lower(), ()) if one in room.ours]
    near = f"; did you mean {usual[0]}?" if usual else meant(name, (*room.ours, *brought))
    if near:
        return told + near
    if not _NAME.fullmatch(name):
        return told
    return f"{told}. A plug-in may bring it: by custom the package sunday-catchup-{name}, which is not installed here"


def find(room: Room, name: str) -> Plugin:
    """The plug-in of a name that is not ours. Raises PluginError where none can be had."""
    for one in offers(room):
        if one.name == name:
            return one.load()
    raise PluginError(unknown(room, name))


def told(room: Room, name: str) -> str:
    """A name with whose it is: `the provider 'post' of sunday-catchup-post 1.0`."""
    found = [one.told for one in offers(room) if one.name == name]
    return found[0] if found else f"the {room.what} {name!r}"


@lru_cache(maxsize=16)
def _offers(room: Room, path: tuple[str, ...]) -> tuple[Offer, ...]:
    """path: where Python looks for packages; the answer is kept as long as that stays."""
    by_name: dict[str, list[EntryPoint]] = defaultdict(list)
    for entry in entry_points(group=room.value):
        by_name[entry.name].append(entry)
    return tuple(one for name in sorted(by_name) for one in _named(room, name, by_name[name]))


def _named(room: Room, name: str, entries: list[EntryPoint]) -> Iterator[Offer]:
    """Of two packages with one name neither is believed: which came first would be chance."""
    for entry in entries:
        fault = ""
        if name in room.ours:
            fault = f"cannot be had: the name is our own {room.what}'s, and ours is used"
        elif not _NAME.fullmatch(name):
            fault = "cannot be had: a name has small letters, digits and hyphens, 40 at the most"
        elif len(entries) > 1:
            others = [Offer(room, name, one).package for one in entries if one is not entry]
            fault = f"cannot be had: {' and '.join(others)} brings the name, too; take one off"
        yield Offer(room, name, entry, fault)
