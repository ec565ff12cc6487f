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
from digest.toml_places import lines_of


def _week_time(value: object) -> WeekTime:
    return value if isinstance(value, WeekTime) else WeekTime.parse(str(value))


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"no time zone is called {name!r}; use a name like 'Europe/Berlin'")
    return name


def _address(value: str) -> str:
    """An address with its domain in ASCII, as it must stand in a header."""
    try:
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return f"{found.local_part}@{found.ascii_domain}"


_SPAN = {"m": 60, "h": 3600, "d": 86400}


def _span(value: object) -> int:
    match = re.fullmatch(r"(\d+)\s*([mhd])", str(value).strip())
    if not match:
        raise ValueError("expected a span of time, as in '30m', '6h' or '2d'")
    return int(match[1]) * _SPAN[match[2]]


def _poll_span(value: int) -> int:
    if value < 300:
        raise ValueError("poll no more often than every '5m'")
    return value


def _subject(value: str) -> str:
    unknown = set(re.findall(r"\{(\w*)\}", value)) - {"lead", "date", "number", "name"}
    if unknown:
        raise ValueError("knows {lead}, {date}, {number} and {name}, and no other words in braces")
    return value


def _web(value: str) -> str:
    if not re.match(r"https?://[^\s/]+", value):
        raise ValueError("expected an address that begins https:// or http://")
    return value


At = Annotated[WeekTime, BeforeValidator(_week_time)]
Seconds = Annotated[int, BeforeValidator(_span)]
PollSeconds = Annotated[Seconds, AfterValidator(_poll_span)]
Subject = Annotated[str, AfterValidator(_subject), Field(min_length=1, max_length=200)]
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
    every: PollSeconds = 3600
    full_text: bool = True

    @model_validator(mode="after")
    def _place(self) -> SourceTable:
        if self.kind in ("pages", "markdown") and self.path is None:
            raise ValueError(f"a source of kind {self.kind!r} needs a path")
        if self.kind == "feed" and (self.url is None) == (self.path is None):
            raise ValueError("a feed needs a url, or a path to a file, and not both")
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
    subject: Subject = "{lead}"


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
    faults += _shared_keys(folder, schedules)
    if faults:
        raise ConfigError(faults)
    return tuple(schedules)


def _shared_keys(folder: Path, schedules: list[Schedule]) -> list[Fault]:
    """One key for two places would mix up whose article is whose; one place may serve many."""
    faults: list[Fault] = []
    seen: dict[str, tuple[str, object]] = {}
    for schedule in schedules:
        for number, source in enumerate(schedule.sources):
            file, place = f"{schedule.key}.toml", (source.kind, source.url, source.path)
            first, known = seen.setdefault(source.key, (file, place))
            if known == place:
                continue
            line = line_of((folder / file).read_text(encoding="utf-8"), ("sources", number, "key"))
            message = f"{source.key!r} is another source in {first}"
            faults.append(Fault(str(folder / file), line, f"sources.{number}.key", message))
    return faults


def _read(path: Path) -> tuple[Schedule | None, list[Fault]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw: dict[str, Any] = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        return None, [Fault(str(path), None, "", f"cannot be read: {error}")]
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        return None, [Fault(str(path), line, "", f"is no valid TOML: {error}")]
    faults: list[Fault] = []
    schedule: Schedule | None = None
    try:
        schedule = Schedule.model_validate({**raw, "key": path.stem})
    except ValidationError as error:
        faults = [_fault(path, text, detail) for detail in _own_faults(error)]
    if "key" in raw:
        faults.append(_fault(path, text, {"loc": ("key",), "type": "extra_forbidden", "msg": ""}))
    faults += _doubles(path, text, raw)
    return (None if faults else schedule), sorted(faults, key=lambda fault: fault.line or 0)


def _own_faults(error: ValidationError) -> list[Any]:
    """Without the complaint that a list is too short only because its items are faulty."""
    found: list[Any] = list(error.errors())
    deeper = {detail["loc"][:n] for detail in found for n in range(len(detail["loc"]))}
    return [one for one in found if one["type"] != "too_short" or one["loc"] not in deeper]


def _doubles(path: Path, text: str, raw: dict[str, Any]) -> list[Fault]:
    """Two sources with one key in one file."""
    faults: list[Fault] = []
    seen: set[str] = set()
    tables = raw.get("sources")
    for number, table in enumerate(tables if isinstance(tables, list) else ()):
        key = table.get("key") if isinstance(table, dict) else None
        if isinstance(key, str) and key in seen:
            loc = ("sources", number, "key")
            faults.append(
                Fault(str(path), line_of(text, loc), _spoken(loc), f"{key!r} is used twice")
            )
        elif isinstance(key, str):
            seen.add(key)
    return faults


def _fault(path: Path, text: str, detail: Any) -> Fault:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    message = str(detail["msg"]).removeprefix("Value error, ")
    line = line_of(text, loc)
    if detail["type"] == "extra_forbidden":
        message = "no such key; see docs/schedules.md for all of them"
    elif loc == ("key",):
        line, message = None, "the file's name is the key: small letters, digits and hyphens"
    return Fault(str(path), line, _spoken(loc), message[:1].lower() + message[1:])


def _spoken(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in loc)


def line_of(text: str, loc: tuple[str | int, ...]) -> int | None:
    """The line (from 1) where `loc` stands in TOML text; its table's line where the key is absent."""
    found = lines_of(text)
    return next((found[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in found), None)
