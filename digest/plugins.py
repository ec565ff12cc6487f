"""What a package offers us by an entry point: a kind of source, a summariser, a provider. docs/extending.md shows each.

An entry point names one of the three descriptions below. `make` is called where the plug-in is used, with options or
settings that were checked; what is wrong with them all the same it says by ValueError, in words for who wrote them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from digest.protocols import Provider, ReportReader, Source, Summariser
from digest.strict_table import StrictTable


class Options(StrictTable):
    """The keys that a plug-in takes; without a subclass of its own it takes none."""


Given = TypeVar("Given", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Generic[Given]):
    """Where a source is, as the schedule says it.

    key: what the source must call itself. allowed: networks that may be asked though they are not public; give them to
    `digest.sources.fetch`, which is the only way out that a source should take.
    """

    key: str
    url: str | None = None
    path: Path | None = None
    options: Given
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlugin(Generic[Given]):
    """A kind of source, named by `kind = "…"`. needs: which keys beside its options must be there."""

    make: Callable[[Place[Given]], Source]
    options: type[Given]
    needs: frozenset[Literal["url", "path"]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariserPlugin(Generic[Given]):
    """A summariser, named by `summariser = "…"`. It opens nothing and waits for nobody: a draft waits for it."""

    make: Callable[[Given], Summariser]
    options: type[Given]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPlugin(Generic[Given]):
    """A way for mail to leave, named by `DIGEST_PROVIDER`; its settings are `DIGEST_PLUGIN_<NAME>_<KEY>`.

    make: gets them and how many channels the operator allows. reports: makes what reads its webhook, None where the
    settings hold nothing that would prove a call.
    """

    make: Callable[[Given, int], Provider]
    settings: type[Given]
    reports: Callable[[Given], ReportReader | None] | None = None


Plugin = SourcePlugin[Any] | SummariserPlugin[Any] | ProviderPlugin[Any]
