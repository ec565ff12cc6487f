"""The one place where concrete parts are chosen: settings in, a `House` out."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from pydantic import SecretStr

from digest import limits
from digest import schedules as schedule_files
from digest.delivery.pace import Pace
from digest.errors import ConfigError, Fault, NotFound
from digest.protocols import Clock, Mailbox, Provider, ReportReader, Source, Summariser
from digest.schedules import Schedule, SourceTable
from digest.settings import NEEDED, PREFIX, Settings, missing
from digest.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that a command, the web or a worker needs; made once, handed down.

    key: 32 secret bytes that sign links and hash addresses. flight: the folder of the state maps
    of what is on the wire. clock: the only place that reads the time. others: the providers that take
    over in this order. rests: until when a provider is left alone. report_readers: those who read a
    provider's webhooks, by its name. mailbox: where bounces come to, if we are to read it.
    """

    database: Database
    schedules: Mapping[str, Schedule]
    provider: Provider
    key: bytes
    public_url: str
    data: Path
    clock: Clock
    api_token: str = ""
    retry_base_s: float = 60.0
    give_up_s: float = 48 * 3600.0
    trusted_proxies: tuple[str, ...] = ()
    fetch_allow: tuple[str, ...] = ()
    report_readers: Mapping[str, ReportReader] = field(default_factory=dict)
    mailbox: Mailbox | None = None
    others: tuple[Provider, ...] = ()
    paces: Mapping[str, Pace] = field(default_factory=dict)
    rests: dict[str, dt.datetime] = field(default_factory=dict)
    connections_in_all: int = 0

    @property
    def providers(self) -> tuple[Provider, ...]:
        return (self.provider, *self.others)

    def pace_of(self, provider: str) -> Pace:
        """How fast a provider may be handed mail: without limits where none are set."""
        return self.paces.get(provider) or Pace(provider)

    @property
    def flight(self) -> Path:
        return self.data / "flight"

    def summariser(self, newsletter: str) -> Summariser:
        """The summariser that the newsletter's schedule names."""
        return summariser_of(self.schedule(newsletter))

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


def open_house(settings: Settings, clock: Clock = utc_now) -> House:
    """A house from settings. Raises ConfigError with every fault of settings and schedules."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        fault = Fault("settings", None, "DIGEST_DATA", f"{settings.data}: {error.strerror}")
        raise ConfigError([fault]) from error
    schedules = {one.key: one for one in schedule_files.read_all(settings.schedules)}
    provider, *others = providers_of(settings)
    return House(
        database=Database(settings.database),
        schedules=schedules,
        provider=provider,
        others=tuple(others),
        paces={name: pace_from(settings, name) for name in settings.providers},
        report_readers=report_readers_of(settings),
        connections_in_all=settings.connections_in_all,
        key=_secret_key(settings),
        public_url=settings.public_url.rstrip("/"),
        data=settings.data,
        clock=clock,
        api_token=settings.api_token.get_secret_value(),
        retry_base_s=settings.retry_base_s,
        give_up_s=settings.give_up_h * 3600,
        trusted_proxies=tuple(p.strip() for p in settings.trusted_proxies.split(",") if p.strip()),
        fetch_allow=_networks(settings.fetch_allow),
        mailbox=mailbox_of(settings),
    )


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


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """The ways mail leaves, in the order in which they take over. Raises ConfigError."""
    return tuple(provider_of(settings, name) for name in settings.providers)


def provider_of(settings: Settings, name: str = "") -> Provider:
    """One way mail leaves, the first by default. Raises ConfigError where the settings do not suffice."""
    name = name or settings.providers[0]
    lacking = [key for key in NEEDED.get(name, ()) if not _given(settings, key)]
    if lacking:
        raise ConfigError([missing(f"{PREFIX}PROVIDER={name}", key) for key in lacking])
    try:
        return PROVIDERS[name](settings)
    except ValueError as error:
        key = f"{PREFIX}{NEEDED[name][-1].upper()}"
        raise ConfigError([Fault("environment", None, key, str(error))]) from error


def report_readers_of(settings: Settings) -> dict[str, ReportReader]:
    """Name → the webhook of that name; those without what proves a call are not there.

    Raises ConfigError with every value that cannot be what proves one.
    """
    readers: dict[str, ReportReader] = {}
    faults: list[Fault] = []
    for name, (key, made) in REPORT_READERS.items():
        try:
            if value := _given(settings, key):
                readers[name] = made(value)
        except ValueError as error:
            faults.append(Fault("environment", None, PREFIX + key.upper(), str(error)))
    if faults:
        raise ConfigError(faults)
    return readers


def _given(settings: Settings, key: str) -> str:
    """A setting's text, also a secret one's."""
    value = getattr(settings, key)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _outbox(settings: Settings) -> Provider:
    from digest.providers.outbox import OutboxProvider

    return OutboxProvider(folder=settings.data / "outbox", channels=settings.connections)


def _smtp(settings: Settings) -> Provider:
    from digest.providers.smtp import SmtpProvider

    return SmtpProvider(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security.value,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        channels=settings.connections,
        trips=None if settings.smtp_trips == "auto" else int(settings.smtp_trips),
        depth=settings.smtp_depth,
    )


def _postmark(settings: Settings) -> Provider:
    from digest.providers.postmark import PostmarkProvider

    return PostmarkProvider(
        token=settings.postmark_token.get_secret_value(),
        stream=settings.postmark_stream,
        base_url=settings.postmark_url,
        channels=min(4, settings.connections),
    )


def _resend(settings: Settings) -> Provider:
    from digest.providers.resend import ResendProvider

    return ResendProvider(
        token=settings.resend_token.get_secret_value(),
        base_url=settings.resend_url,
        per_s=settings.resend_per_s,
        channels=min(4, settings.connections),
    )


def _brevo(settings: Settings) -> Provider:
    from digest.providers.brevo import BrevoProvider

    return BrevoProvider(
        token=settings.brevo_token.get_secret_value(),
        base_url=settings.brevo_url,
        per_s=settings.brevo_per_s,
        channels=min(2, settings.connections),
    )


def _ses(settings: Settings) -> Provider:
    from digest.providers.aws_signature import Signer
    from digest.providers.ses import SesProvider

    signer = Signer(
        key_id=settings.ses_access_key_id,
        secret=settings.ses_secret_access_key.get_secret_value(),
        session_token=settings.ses_session_token.get_secret_value(),
        region=settings.ses_region,
    )
    raw = settings.ses_mode == "raw"
    return SesProvider(
        signer=signer,
        raw=raw,
        base_url=settings.ses_url,
        configuration_set=settings.ses_configuration_set,
        channels=settings.connections if raw else min(4, settings.connections),
    )


def _sendgrid(settings: Settings) -> Provider:
    from digest.providers.sendgrid import SendGridProvider

    return SendGridProvider(
        token=settings.sendgrid_token.get_secret_value(),
        base_url=settings.sendgrid_url,
        channels=min(2, settings.connections),
    )


def _mailgun(settings: Settings) -> Provider:
    from digest.providers.mailgun import MailgunProvider

    return MailgunProvider(
        token=settings.mailgun_token.get_secret_value(),
        domain=settings.mailgun_domain,
        base_url=settings.mailgun_url,
        channels=min(2, settings.connections),
    )


def _postmark_reports(secret: str) -> ReportReader:
    from digest.providers.postmark import PostmarkReports

    return PostmarkReports(secret)


def _resend_reports(secret: str) -> ReportReader:
    from digest.providers.resend import ResendReports

    return ResendReports(secret)


def _brevo_reports(secret: str) -> ReportReader:
    from digest.providers.brevo import BrevoReports

    return BrevoReports(secret)


def _ses_reports(topics: str) -> ReportReader:
    from digest.providers.ses_reports import SesReports
    from digest.providers.sns import Topics

    return SesReports(Topics(frozenset(one.strip() for one in topics.split(",") if one.strip())))


def _sendgrid_reports(key: str) -> ReportReader:
    from digest.providers.sendgrid import SendGridReports

    return SendGridReports(key)


def _mailgun_reports(key: str) -> ReportReader:
    from digest.providers.mailgun import MailgunReports

    return MailgunReports(key)


#: DIGEST_PROVIDER → what makes it of the settings.
PROVIDERS: dict[str, Callable[[Settings], Provider]] = {
    "outbox": _outbox,
    "smtp": _smtp,
    "postmark": _postmark,
    "resend": _resend,
    "brevo": _brevo,
    "ses": _ses,
    "sendgrid": _sendgrid,
    "mailgun": _mailgun,
}
#: A webhook's name → the setting that holds what proves a call, and what makes its reader of it.
REPORT_READERS: dict[str, tuple[str, Callable[[str], ReportReader]]] = {
    "postmark": ("postmark_webhook_secret", _postmark_reports),
    "resend": ("resend_webhook_secret", _resend_reports),
    "brevo": ("brevo_webhook_secret", _brevo_reports),
    "ses": ("ses_topics", _ses_reports),
    "sendgrid": ("sendgrid_webhook_key", _sendgrid_reports),
    "mailgun": ("mailgun_webhook_key", _mailgun_reports),
}


def sources_of(schedule: Schedule, allowed: tuple[str, ...] = ()) -> tuple[Source, ...]:
    """The sources that a schedule declares; those of kind `api` are filled from outside.

    allowed: networks (CIDR) that feeds may be fetched from though they are not public.
    """
    return tuple(_source(table, allowed) for table in schedule.sources if table.kind != "api")


def _networks(given: str) -> tuple[str, ...]:
    """Networks from a list with commas. Raises ConfigError for one that is none."""
    try:
        return tuple(str(ip_network(one.strip())) for one in given.split(",") if one.strip())
    except ValueError as error:
        fault = Fault("environment", None, "DIGEST_FETCH_ALLOW", str(error))
        raise ConfigError([fault]) from error


def _source(table: SourceTable, allowed: tuple[str, ...]) -> Source:
    if table.kind == "feed":
        from digest.sources.feeds import FeedSource

        return FeedSource(
            key=table.key,
            url=table.url,
            path=table.path,
            full_text=table.full_text,
            allowed=allowed,
        )
    assert table.path is not None
    if table.kind == "markdown":
        from digest.sources.markdown import MarkdownSource

        return MarkdownSource(key=table.key, folder=table.path, base_url=table.base_url)
    from digest.sources.pages import PagesSource

    return PagesSource(key=table.key, folder=table.path, base_url=table.base_url)


def summariser_of(schedule: Schedule) -> Summariser:
    """The summariser that a schedule names."""
    from digest.summarisers.extractive import ExtractiveSummariser

    assert schedule.summarise.summariser == "extractive"
    return ExtractiveSummariser()


def _secret_key(settings: Settings) -> bytes:
    """The configured key, or one made once and kept where only this user can read it."""
    given = settings.secret_key.get_secret_value()
    if given:
        if len(given) < 32:
            fault = Fault(
                "environment", None, "DIGEST_SECRET_KEY", "at least 32 characters, please"
            )
            raise ConfigError([fault])
        return given.encode()
    return _kept_key(settings.data / "secret.key")


def _kept_key(path: Path) -> bytes:
    """Whole or not there: it is written beside and linked, so two processes get the same one."""
    if not path.exists():
        beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigError(
            [Fault(str(path), None, "", f"cannot be read as a key: {error}")]
        ) from error
    if len(key) != 32:
        fault = "is no key of 32 bytes; restore it from a backup, for all links depend on it"
        raise ConfigError([Fault(str(path), None, "", fault)])
    return key
