"""A newsletter's file `schedules/<key>.toml`: read, checked as a whole, every fault named with its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from digest.errors import ConfigError, Fault
from digest.model import UncertainPolicy
from digest.moments import Calendar, WeekTime


def _week_time(value: object) -> WeekTime:
    return value if isinstance(value, WeekTime) else WeekTime.parse(str(value))


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"no time zone is called {name!r}; use a name like 'Europe/Berlin'")
    return name


def _address(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


_SPAN = {"m": 60, "h": 3600, "d": 86400}


def _span(value: object) -> int:
    match = re.fullmatch(r"(\d+)\s*([mhd])", str(value).strip())
    if not match:
        raise ValueError("expected a span of time, as in '30m', '6h' or '2d'")
    return int(match[1]) * _SPAN[match[2]]


def _web(value: str) -> str:
    if not re.match(r"https?://[^\s/]+", value):
        raise ValueError("expected an address that begins https:// or http://")
    return value


At = Annotated[WeekTime, BeforeValidator(_week_time)]
Seconds = Annotated[int, BeforeValidator(_span)]
Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
WebAddress = Annotated[str, AfterValidator(_web)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Weight = Annotated[float, Field(ge=0, le=10)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class NewsletterTable(_Table):
    """Who speaks: the names and addresses that stand in every mail."""

    name: str = Field(min_length=1, max_length=100)
    strapline: str = Field("", max_length=200)
    language: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    timezone: Zone
    site_name: str = Field(min_length=1, max_length=100)
    site_url: WebAddress
    from_name: str = Field("", max_length=100)
    from_address: Address
    reply_to: Address | None = None
    postal_address: str = Field(min_length=1, max_length=300)


class SourceTable(_Table):
    """One place that articles come from; `key` names it for good."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    kind: Literal["feed", "pages", "markdown", "api"]
    url: WebAddress | None = None
    path: Path | None = None
    base_url: WebAddress | None = None
    every: Seconds = 3600
    full_text: bool = True

    @model_validator(mode="after")
    def _place(self) -> SourceTable:
        if self.kind in ("pages", "markdown") and self.path is None:
            raise ValueError(f"a source of kind {self.kind!r} needs a path")
        if self.kind == "feed" and (self.url is None) == (self.path is None):
            raise ValueError("a feed needs a url, or a path to a file, and not both")
        if self.every < 300:
            raise ValueError("poll no more often than every '5m'")
        return self


class CollectTable(_Table):
    """Which stories count for the week."""

    cut_off: At = WeekTime.parse("saturday 18:00")
    min_words: int = Field(40, ge=0, le=1000)
    sections: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    exclude_sections: tuple[str, ...] = ()


class SummariseTable(_Table):
    """How a story is told."""

    summariser: Literal["extractive"] = "extractive"
    sentences: int = Field(3, ge=1, le=5)
    words: int = Field(75, ge=20, le=150)


class RankTable(_Table):
    """What counts how much; every part is shown in the reasons."""

    reactions: Weight = 1.0
    comments: Weight = 1.0
    rating: Weight = 0.7
    views: Weight = 0.7
    coverage: Weight = 1.2
    length: Weight = 0.4
    recency: Weight = 0.2
    sections: dict[str, Annotated[float, Field(ge=-5, le=5)]] = Field(default_factory=dict)


class ComposeTable(_Table):
    """How the week is laid out."""

    minimum_stories: int = Field(3, ge=1, le=100)
    thin_week: Literal["skip", "short"] = "skip"
    stories: int = Field(12, ge=1, le=60)
    per_section: int = Field(4, ge=1, le=20)
    section_order: tuple[str, ...] = ()
    subject: str = Field("{lead}", min_length=1, max_length=200)


class RenderTable(_Table):
    """How it looks. Colours as #rrggbb."""

    accent: Colour = "#8c1d18"
    accent_dark: Colour = "#ffb4a9"
    logo_url: WebAddress | None = None


class ApproveTable(_Table):
    """When editors are reminded, and what happens if nobody approves."""

    remind: At = WeekTime.parse("sunday 06:00")
    deadline: At = WeekTime.parse("sunday 07:30")
    if_nobody: Literal["send", "hold"] = "send"


class DeliverTable(_Table):
    """When it leaves, and what happens when the machine was asleep."""

    at: At = WeekTime.parse("sunday 08:00")
    catch_up: Seconds = 6 * 3600
    uncertain: UncertainPolicy = UncertainPolicy.HOLD


class Schedule(_Table):
    """A whole newsletter. `key` is the file's name without `.toml`."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    newsletter: NewsletterTable
    sources: tuple[SourceTable, ...] = Field(min_length=1)
    collect: CollectTable = CollectTable()
    summarise: SummariseTable = SummariseTable()
    rank: RankTable = RankTable()
    compose: ComposeTable = ComposeTable()
    render: RenderTable = RenderTable()
    approve: ApproveTable = ApproveTable()
    deliver: DeliverTable = DeliverTable()

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


def read(path: Path) -> Schedule:
    """One schedule. Raises ConfigError with every fault of the file and its line."""
    schedule, faults = _read(path)
    if schedule is None:
        raise ConfigError(faults)
    return schedule


def read_all(folder: Path) -> tuple[Schedule, ...]:
    """Every `*.toml` of a folder, by name. Raises ConfigError with every fault of every file."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ConfigError([Fault(str(folder), None, "", "no schedule here; add <newsletter>.toml")])
    read_ones = [_read(path) for path in paths]
    faults = [fault for _, found in read_ones for fault in found]
    schedules = [schedule for schedule, _ in read_ones if schedule is not None]
    faults += _doubles(folder, schedules)
    if faults:
        raise ConfigError(faults)
    return tuple(schedules)


def _doubles(folder: Path, schedules: list[Schedule]) -> list[Fault]:
    """Two sources with one key would mix up whose article is whose."""
    faults: list[Fault] = []
    for schedule in schedules:
        keys = [source.key for source in schedule.sources]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            file = str(folder / f"{schedule.key}.toml")
            faults.append(Fault(file, None, "sources.key", f"{key!r} is used twice"))
    return faults


def _read(path: Path) -> tuple[Schedule | None, list[Fault]]:
    try:
        text = path.read_text(encoding="utf-8")
        raw: dict[str, Any] = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        return None, [Fault(str(path), None, "", f"cannot be read: {error}")]
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else None
        return None, [Fault(str(path), line, "", f"is no valid TOML: {error}")]
    try:
        return Schedule.model_validate({"key": path.stem, **raw}), []
    except ValidationError as error:
        return None, [_fault(path, text, detail) for detail in error.errors()]


def _fault(path: Path, text: str, detail: Any) -> Fault:
    loc = tuple(part for part in detail["loc"] if part not in ("[key]",))
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = "no such key; see docs/schedules.md for all of them"
    key = ".".join(str(part) for part in loc)
    return Fault(str(path), line_of(text, loc), key, message[:1].lower() + message[1:])


def line_of(text: str, loc: tuple[str | int, ...]) -> int | None:
    """The line (from 1) where `loc` stands in TOML text; its table's line where the key is absent."""
    table, key, number = str(loc[0]) if loc else "", None, 0
    for part in loc[1:]:
        if isinstance(part, int):
            number = part
        elif key is None:
            key = part
    seen, inside, best = -1, False, None
    for at, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?", line)
        if head:
            inside = head[1] == table or head[1].startswith(table + ".")
            if head[1] == table:
                seen += 1
            inside = inside and (seen == number or not line.lstrip().startswith("[["))
            best = at if inside and best is None else best
            inside_sub = head[1] == f"{table}.{key}"
            if inside_sub:
                return at
        elif inside and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return at
    return best
