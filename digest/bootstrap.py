"""The one place where concrete parts are chosen: settings in, a `House` out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from digest import key_file, limits, logs, schedule_files, spans
from digest.audience import addresses
from digest.delivery.compile import Returns
from digest.delivery.dkim import Key, Signer
from digest.delivery.pace import Pace
from digest.delivery.rests import Rests
from digest.errors import BadInput, ConfigError, Fault, NotFound
from digest.known_providers import providers_of, report_readers_of
from digest.protocols import (
    Clock,
    Mailbox,
    Provider,
    ReportReader,
    Source,
    Summariser,
    Told,
    Writer,
)
from digest.schedules import Schedule, SourceTable
from digest.setting_files import PREFIX
from digest.settings import Settings
from digest.store.engine import Database
from digest.vigilance import Vigilance


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that a command, the web or a worker needs; made once, handed down.

    key: 32 secret bytes that sign links and hash addresses. flight: the folder of the state maps
    of what is on the wire. clock: the only place that reads the time. others: the providers that take
    over in this order. rests: which of them are left alone for now. report_readers: those who read a
    provider's webhooks, by its name. mailbox: where bounces come to, if we are to read it. returns: the
    domain that they go to, and whether they reach us. signer: for DKIM, where we sign. disposable: what
    becomes of mailboxes that are thrown away. breaker: confirmation mails an hour that are never too many.
    settle_s: how long wishes to subscribe are gathered before anybody looks at them. writer: asks a model
    for summaries, where there is one. schedules_folder: where the schedules were read. second_factor: who
    must log in with more than a mailed link. api_per_minute: calls of one token.
    """

    database: Database
    schedules: Mapping[str, Schedule]
    provider: Provider
    key: bytes = field(repr=False)
    public_url: str
    data: Path
    clock: Clock
    api_token: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    vigilance: Vigilance = field(default_factory=Vigilance)
    retry_base_s: float = 60.0
    give_up_s: float = 48 * 3600.0
    trusted_proxies: tuple[str, ...] = ()
    fetch_allow: tuple[str, ...] = ()
    report_readers: Mapping[str, ReportReader] = field(default_factory=dict)
    mailbox: Mailbox | None = None
    others: tuple[Provider, ...] = ()
    paces: Mapping[str, Pace] = field(default_factory=dict)
    rests: Rests = field(default_factory=Rests)
    connections_in_all: int = 0
    returns: Returns = field(default_factory=Returns)
    signer: Signer | None = None
    writer: Writer | None = None
    disposable: Literal["refuse", "accept", "silent"] = "refuse"
    breaker: int = 50
    settle_s: float = 1.0
    schedules_folder: Path = Path("schedules")
    second_factor: Literal["optional", "admins", "everybody"] = "optional"
    api_per_minute: int = 600

    @property
    def providers(self) -> tuple[Provider, ...]:
        return (self.provider, *self.others)

    def pace_of(self, provider: str) -> Pace:
        """How fast a provider may be handed mail: without limits where none are set."""
        return self.paces.get(provider) or Pace(provider)

    @property
    def goodbyes(self) -> Mapping[str, str]:
        """Where to subscribe again, by newsletter: of those that say goodbye by mail."""
        schedules = self.schedules.items()
        return {key: f"{self.public_url}/n/{key}" for key, one in schedules if one.readers.goodbye}

    @property
    def flight(self) -> Path:
        return self.data / "flight"

    def summariser(self, newsletter: str) -> Summariser:
        """The summariser that the newsletter's schedule names."""
        return summariser_of(self.schedule(newsletter), self.database, self.writer)

    def sources(self, newsletter: str) -> tuple[Source, ...]:
        """The sources that the newsletter's schedule declares."""
        return sources_of(self.schedule(newsletter), self.fetch_allow)

    def schedule(self, newsletter: str) -> Schedule:
        """Raises NotFound with the newsletters that there are."""
        try:
            return self.schedules[newsletter]
        except KeyError:
            known = ", ".join(self.schedules) or "none"
            raise NotFound(f"no newsletter is called {newsletter!r}; there are: {known}") from None


def utc_now() -> dt.datetime:
    """The wall clock, in UTC."""
    return dt.datetime.now(dt.UTC)


def open_house(settings: Settings, clock: Clock = utc_now, *, looks: bool = False) -> House:
    """A house from settings. Raises ConfigError with every fault of settings and schedules.

    The data folder and the key in it are made last: what cannot be opened leaves nothing behind.
    looks: they are not made at all; where there is no key yet, it is all zeros.
    """
    logs.hide(settings.secrets())
    logs.hide(settings.ping_url.split("/")[3:])  # a dead-man's switch is known by its path
    schedules = {one.key: one for one in schedule_files.read_all(settings.schedules)}
    logs.hide(source.api_key or "" for one in schedules.values() for source in one.sources)
    provider, *others = providers_of(settings)
    return House(
        database=Database(settings.database),
        schedules=schedules,
        provider=provider,
        others=tuple(others),
        paces={name: pace_from(settings, name) for name in settings.providers},
        report_readers=report_readers_of(settings),
        connections_in_all=settings.connections_in_all,
        public_url=settings.public_url.rstrip("/"),
        data=settings.data,
        clock=clock,
        api_token=settings.api_token.get_secret_value(),
        metrics_token=settings.metrics_token.get_secret_value(),
        vigilance=vigilance_of(settings),
        retry_base_s=settings.retry_base_s,
        give_up_s=settings.give_up_h * 3600,
        trusted_proxies=tuple(p.strip() for p in settings.trusted_proxies.split(",") if p.strip()),
        fetch_allow=networks_of(settings),
        mailbox=mailbox_of(settings),
        returns=returns_of(settings),
        signer=signer_of(settings),
        writer=writer_of(settings, schedules.values()),
        disposable=settings.disposable,
        breaker=settings.sign_up_breaker,
        schedules_folder=settings.schedules,
        second_factor=settings.second_factor,
        api_per_minute=settings.api_per_min,
        key=key_file.found(settings, looks=looks),
    )


def vigilance_of(settings: Settings) -> Vigilance:
    """What is watched. Raises ConfigError for an operator who has no address."""
    try:
        raw = [one.strip() for one in settings.operator.split(",") if one.strip()]
        operators = tuple(addresses.parse(one).address for one in raw)
    except BadInput as error:
        fault = Fault("environment", None, "DIGEST_OPERATOR", str(error))
        raise ConfigError([fault]) from error
    hours = settings.backup_every_h
    return Vigilance(
        operators=operators,
        workers=settings.workers,
        backup_every=dt.timedelta(hours=hours) if hours else None,
        ping_url=settings.ping_url,
        ping_every=dt.timedelta(minutes=settings.ping_every_min),
    )


def returns_of(settings: Settings) -> Returns:
    """Where bounces go. Who names a domain for them, or a mailbox, has us read what comes there."""
    read = bool(settings.return_domain or settings.bounce_imap_host)
    return Returns(settings.return_domain, read=read)


def traces_of(settings: Settings) -> str:
    """Where traces go; empty: nowhere. Raises ConfigError where what tells them is not installed."""
    if settings.traces_url and not spans.installed():
        fault = f"needs OpenTelemetry: {spans.NEEDS}"
        raise ConfigError([Fault("environment", None, f"{PREFIX}TRACES_URL", fault)])
    return settings.traces_url


#: What Amazon SES writes anew in a raw message, or besides ours; what a signature covers must stay.
#: https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-manual.html
_WRITTEN_BY_SES = ("date", "message-id", "feedback-id")


def signer_of(settings: Settings) -> Signer | None:
    """What signs by DKIM; None without a key. Raises ConfigError with every key that is none."""
    keys: list[Key] = []
    faults: list[Fault] = []
    for name in ("dkim", "dkim_second"):
        pem: SecretStr = getattr(settings, f"{name}_key")
        try:
            if pem.get_secret_value():
                selector = getattr(settings, f"{name}_selector")
                keys.append(Key.of(selector, pem.get_secret_value()))
        except ValueError as error:
            key = f"{PREFIX}{name.upper()}_KEY"
            faults.append(Fault("environment", None, key, str(error)))
    if len({one.selector for one in keys}) < len(keys):
        told = "two keys cannot be published under one name"
        faults.append(Fault("environment", None, f"{PREFIX}DKIM_SECOND_SELECTOR", told))
    if faults:
        raise ConfigError(faults)
    by_ses = "ses" in settings.providers and settings.ses_mode == "raw"
    leaves_out = _WRITTEN_BY_SES if by_ses else ()
    return Signer(tuple(keys), settings.dkim_domain, leaves_out) if keys else None


def mailbox_of(settings: Settings) -> Mailbox | None:
    """The folder that bounces come to; None where none is named."""
    if not settings.bounce_imap_host:
        return None
    from digest.providers.imap import ImapMailbox

    return ImapMailbox(
        host=settings.bounce_imap_host,
        port=settings.bounce_imap_port,
        username=settings.bounce_imap_username,
        password=settings.bounce_imap_password.get_secret_value(),
        folder=settings.bounce_imap_folder,
    )


def pace_from(settings: Settings, provider: str) -> Pace:
    """How fast a provider may be handed mail, as the settings say it for this one or for all."""
    return Pace(
        provider,
        limits.for_provider(settings.limits, provider, limits.read_limits),
        limits.for_provider(settings.domain_limits, provider, limits.read_domain_limits),
        limits.for_provider(settings.warm_up, provider, limits.read_warm_up),
        limits.for_provider(settings.slow_start, provider, limits.read_slow_start),
    )


def sources_of(schedule: Schedule, allowed: tuple[str, ...] = ()) -> tuple[Source, ...]:
    """The sources that a schedule declares; those of kind `api` are filled from outside.

    allowed: networks (CIDR) that addresses may be fetched from though they are not public.
    """
    return tuple(_source(table, allowed) for table in schedule.sources if table.kind != "api")


def networks_of(settings: Settings) -> tuple[str, ...]:
    """Private networks that may be asked. Raises ConfigError for one that is none."""
    given = settings.fetch_allow.split(",")
    try:
        return tuple(str(ip_network(one.strip())) for one in given if one.strip())
    except ValueError as error:
        fault = Fault("environment", None, "DIGEST_FETCH_ALLOW", str(error))
        raise ConfigError([fault]) from error


def _source(table: SourceTable, allowed: tuple[str, ...]) -> Source:
    if table.is_foreign:
        from digest import plugged

        return plugged.source(table, allowed)
    return _by_path(table) if table.path is not None else _by_address(table, allowed)


def _by_path(table: SourceTable) -> Source:
    from digest.sources.exports import ExportSource
    from digest.sources.feeds import FeedSource
    from digest.sources.pages import PagesSource

    assert table.path is not None
    if table.kind == "feed":
        return FeedSource(key=table.key, path=table.path, full_text=table.full_text)
    if table.kind == "pages":
        return PagesSource(key=table.key, folder=table.path, base_url=table.base_url)
    kind = "markdown" if table.kind == "markdown" else None
    return ExportSource(key=table.key, path=table.path, base_url=table.base_url, kind=kind)


def _by_address(table: SourceTable, allowed: tuple[str, ...]) -> Source:
    from digest.sources.feeds import FeedSource
    from digest.sources.ghost import GhostSource
    from digest.sources.sitemaps import SitemapSource
    from digest.sources.wordpress import WordPressSource

    assert table.url is not None
    if table.kind == "wordpress":
        return WordPressSource(key=table.key, url=table.url, allowed=allowed)
    if table.kind == "ghost":
        assert table.api_key is not None
        return GhostSource(key=table.key, url=table.url, api_key=table.api_key, allowed=allowed)
    if table.kind == "sitemap":
        return SitemapSource(key=table.key, url=table.url, within=table.within, allowed=allowed)
    return FeedSource(key=table.key, url=table.url, full_text=table.full_text, allowed=allowed)


def summariser_of(schedule: Schedule, database: Database, writer: Writer | None) -> Summariser:
    """The summariser that a schedule names."""
    if schedule.summarise.is_foreign:
        from digest import plugged

        return plugged.summariser(schedule.summarise)
    if schedule.summarise.summariser == "chat" and writer is not None:
        from digest.store import model_summaries
        from digest.summarisers.kept import KeptSummariser

        def look_up(key: str) -> Told | None:
            with database.read() as session:
                return model_summaries.get(session, key)

        return KeptSummariser(writer.model, look_up)
    from digest.summarisers.beside import BesideSummariser

    return BesideSummariser()


def writer_of(settings: Settings, schedules: Iterable[Schedule]) -> Writer | None:
    """Who asks a model; None without an API. Raises ConfigError where a schedule needs one."""
    if settings.chat_url:
        from digest.summarisers.chat_api import ChatWriter

        return ChatWriter(
            url=settings.chat_url,
            model=settings.chat_model,
            key=settings.chat_key.get_secret_value(),
            at_once=settings.chat_at_once,
            per_minute=settings.chat_per_min,
            timeout_s=settings.chat_timeout_s,
        )
    needing = [one.key for one in schedules if one.summarise.summariser == "chat"]
    if needing:
        told = f'needed by summarise.summariser = "chat" of {", ".join(needing)}.toml'
        raise ConfigError([Fault("environment", None, "DIGEST_CHAT_URL", told)])
    return None
