"""What a newsletter's file `schedules/<key>.toml` says: its tables and keys; `schedule_files` reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from digest import plugin_entries
from digest import segments as segment_trees
from digest.compose_table import ComposeTable as ComposeTable
from digest.model import Measure, UncertainPolicy
from digest.moments import Calendar, WeekTime
from digest.plugin_entries import Room
from digest.rank_table import RankTable as RankTable
from digest.render_table import RenderTable as RenderTable
from digest.segments import Segment, Slice
from digest.strict_table import StrictTable
from digest.values import (
    Address,
    ApiKey,
    At,
    CatchUpSeconds,
    Key,
    Language,
    Line,
    PollSeconds,
    Share,
    SitePath,
    WaitSeconds,
    WebAddress,
    Weight,
    Words,
    Zone,
)

Table = TypeVar("Table", bound=StrictTable)


class NewsletterTable(StrictTable):
    """Who speaks: the names and addresses that stand in every mail."""

    name: Words = Field(max_length=100)
    strapline: Line = Field("", max_length=200)
    language: Language = "en"
    timezone: Zone
    site_name: Words = Field(max_length=100)
    site_url: WebAddress
    from_name: Line = Field("", max_length=100)
    from_address: Address
    reply_to: Address | None = None
    postal_address: Words = Field(max_length=300)


def _source_kind(value: str) -> str:
    if not plugin_entries.known(Room.SOURCES, value):
        raise ValueError(plugin_entries.unknown(Room.SOURCES, value))
    return value


def _summariser(value: str) -> str:
    if not plugin_entries.known(Room.SUMMARISERS, value):
        raise ValueError(plugin_entries.unknown(Room.SUMMARISERS, value))
    return value


#: Asked by address; taken from a path.
BY_ADDRESS = frozenset({"feed", "wordpress", "ghost", "sitemap"})
BY_PATH = frozenset({"pages", "markdown", "export"})


class SourceTable(StrictTable):
    """One place that articles come from; `key` names it for good.

    api_key: of Ghost's Content API. within: the path under which a sitemap's pages are articles.
    options: of a plug-in's kind.
    """

    key: Key
    kind: Annotated[str, AfterValidator(_source_kind)]
    url: WebAddress | None = None
    path: Path | None = None
    base_url: WebAddress | None = None
    every: PollSeconds = 3600
    full_text: bool = True
    api_key: ApiKey | None = Field(None, repr=False)
    within: SitePath = "/"
    options: dict[str, Any] = Field(default_factory=dict, repr=False)

    @model_validator(mode="after")
    def _place(self) -> SourceTable:
        if self.kind in BY_PATH and self.path is None:
            raise ValueError(f"a source of kind {self.kind!r} needs a path")
        if self.kind in BY_ADDRESS - {"feed"} and self.url is None:
            raise ValueError(f"a source of kind {self.kind!r} needs a url")
        if self.kind == "ghost" and self.api_key is None:
            raise ValueError("a source of kind 'ghost' needs an api_key: Settings → Integrations")
        if self.kind == "feed" and (self.url is None) == (self.path is None):
            raise ValueError("a feed needs a url, or a path to a file, and not both")
        if self.options and not self.is_foreign:
            raise ValueError(f"a source of kind {self.kind!r} takes no options")
        return self

    @property
    def is_foreign(self) -> bool:
        """Whether its kind comes with a plug-in."""
        return self.kind not in Room.SOURCES.ours


class CollectTable(StrictTable):
    """Which stories count for the week."""

    cut_off: At = WeekTime.parse("saturday 18:00")
    min_words: int = Field(40, ge=0, le=1000)
    sections: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    topics: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    exclude_sections: tuple[str, ...] = ()


class SummariseTable(StrictTable):
    """How a story is told. options: of a plug-in's summariser."""

    summariser: Annotated[str, AfterValidator(_summariser)] = "extractive"
    options: dict[str, Any] = Field(default_factory=dict, repr=False)
    sentences: int = Field(3, ge=1, le=5)
    words: int = Field(75, ge=20, le=150)
    budget: int = Field(120, ge=1, le=2000)

    @model_validator(mode="after")
    def _no_options_of_ours(self) -> SummariseTable:
        if self.options and not self.is_foreign:
            raise ValueError(f"the summariser {self.summariser!r} takes no options")
        return self

    @property
    def is_foreign(self) -> bool:
        """Whether its summariser comes with a plug-in."""
        return self.summariser not in Room.SUMMARISERS.ours


class VariantsTable(StrictTable):
    """What else a reader may have the mail in; each variant is made and approved with the issue."""

    languages: tuple[Language, ...] = Field((), max_length=12)
    themes: tuple[Literal["broadsheet", "plain", "magazine"], ...] = ()
    sections: bool = False

    @property
    def any(self) -> bool:
        return bool(self.languages or self.themes or self.sections)


class ApproveTable(StrictTable):
    """When editors are reminded, and what happens if nobody approves.

    if_nobody: `remind` waits, and tells the editors every hour, until somebody approves or the catch-up is over.
    """

    remind: At = WeekTime.parse("sunday 06:00")
    deadline: At = WeekTime.parse("sunday 07:30")
    if_nobody: Literal["send", "hold", "remind"] = "send"


class ContestTable(StrictTable):
    """What a contest of two subjects is held with, unless its editors say otherwise."""

    share: Share = 20
    wait: WaitSeconds = 2 * 3600
    measure: Measure = Measure.CLICKS


class DeliverTable(StrictTable):
    """When it leaves, and what happens when the machine was asleep.

    deliver_at: by whose clock: everybody at once at the newsletter's hour, or each at the reader's own.
    """

    at: At = WeekTime.parse("sunday 08:00")
    deliver_at: Literal["newsletter", "reader"] = "newsletter"
    catch_up: CatchUpSeconds = 6 * 3600
    uncertain: UncertainPolicy = UncertainPolicy.HOLD
    ab: ContestTable = ContestTable()


class ClicksTable(StrictTable):
    """Whether story links lead by way of us, so that clicks are counted: sums of links, no readers."""

    count: bool = False


class PreferencesTable(StrictTable):
    """What readers may choose beside the variants.

    big_story: the score from which a lead story is big, for those who want only such weeks; None: by the
    leads of earlier issues.
    """

    big_story: Weight | None = None


class KeepTable(StrictTable):
    """How long readers' data is kept, in days; 0 = for good.

    pending: of who asked and never confirmed. left: of who left.
    """

    pending: int = Field(30, ge=0, le=3650)
    left: int = Field(730, ge=0, le=3650)


class AudienceTable(StrictTable):
    """Who of the newsletter's readers get its issues. segment: one of `[segments]`; without it all do."""

    segment: str | None = None


class ReadersTable(StrictTable):
    """Which small mails readers get beside the one that confirms."""

    welcome: bool = True
    goodbye: bool = False


class Schedule(StrictTable):
    """A whole newsletter. `key` is the file's name without `.toml`."""

    key: Key
    newsletter: NewsletterTable
    sources: tuple[SourceTable, ...] = Field(min_length=1)
    collect: CollectTable = CollectTable()
    summarise: SummariseTable = SummariseTable()
    rank: RankTable = RankTable()
    compose: ComposeTable = ComposeTable()
    render: RenderTable = RenderTable()
    variants: VariantsTable = VariantsTable()
    approve: ApproveTable = ApproveTable()
    deliver: DeliverTable = DeliverTable()
    clicks: ClicksTable = ClicksTable()
    readers: ReadersTable = ReadersTable()
    preferences: PreferencesTable = PreferencesTable()
    keep: KeepTable = KeepTable()
    segments: dict[Key, Annotated[Segment, PlainValidator(segment_trees.read)]] = Field(
        default_factory=dict
    )
    audience: AudienceTable = AudienceTable()

    @property
    def slices(self) -> dict[str, Slice]:
        """The segments as this newsletter means them."""
        told = self.newsletter.timezone, self.newsletter.language
        return {name: Slice(segment, *told) for name, segment in self.segments.items()}

    @property
    def only(self) -> Slice | None:
        """The readers who get its issues; None: all of them."""
        return self.slices[self.audience.segment] if self.audience.segment else None

    @property
    def calendar(self) -> Calendar:
        """The newsletter's moments of the week."""
        return Calendar(
            zone=ZoneInfo(self.newsletter.timezone),
            cut_off=self.collect.cut_off,
            remind=self.approve.remind,
            deadline=self.approve.deadline,
            send=self.deliver.at,
        )

    @property
    def source_keys(self) -> tuple[str, ...]:
        return tuple(source.key for source in self.sources)

    def warnings(self, base: Path) -> tuple[str, ...]:
        """What may be meant and may be a slip, a line each; paths are held against `base`."""
        found = [line for source in self.sources for line in _slips(source, base)]
        twice = sorted({*self.compose.section_order} & {*self.collect.exclude_sections})
        if self.newsletter.postal_address == self.newsletter.site_name:
            found.append("newsletter.postal_address: is only a name; the law asks for a street")
        found += [f"compose.section_order: {name!r} never goes out" for name in twice]
        return tuple(found)


def _slips(source: SourceTable, base: Path) -> Iterator[str]:
    """A place that is not there yet or is of another kind, and keys that this kind does not use."""
    name, by_path, ours = f"sources[{source.key}]", source.kind in BY_PATH, not source.is_foreign
    unused = (
        ("url", source.url is not None and source.kind not in BY_ADDRESS and ours),
        ("base_url", source.base_url is not None and not by_path),
        ("api_key", source.api_key is not None and source.kind != "ghost"),
        ("within", source.within != "/" and source.kind != "sitemap"),
    )
    yield from (
        f"{name}.{key}: is not used by a source of kind {source.kind!r}"
        for key, is_slip in unused
        if is_slip
    )
    if source.path is None:
        return
    place, folder = base / source.path, source.kind in ("pages", "markdown")
    if not by_path and source.kind != "feed" and ours:
        yield f"{name}.path: is not used by a source of kind {source.kind!r}"
    elif not place.exists():
        yield f"{name}.path: {place} does not exist"
    elif place.is_dir() != folder and source.kind != "export" and ours:
        yield f"{name}.path: {place} is {'no folder' if folder else 'a folder, not a file'}"
