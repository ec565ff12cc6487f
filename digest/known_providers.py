"""The providers by name: what makes each of the settings, and the webhook that reports of it.

Each is imported only where it is named, so that a start-up pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from digest import logs
from digest.errors import ConfigError, Fault
from digest.protocols import Provider, ReportReader
from digest.setting_files import PREFIX
from digest.settings import NEEDED, Settings, missing

log = logs.get(__name__)


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """The ways mail leaves, in the order in which they take over. Raises ConfigError."""
    return tuple(provider_of(settings, name) for name in settings.providers)


def provider_of(settings: Settings, name: str = "") -> Provider:
    """One way mail leaves, the first by default. Raises ConfigError where the settings do not suffice."""
    name = name or settings.providers[0]
    if name not in PROVIDERS:
        from digest import plugged

        return plugged.provider(settings, name)
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
    for name in settings.foreign_providers:
        try:
            readers |= _foreign_reader(settings, name)
        except ConfigError as error:
            if name in settings.providers:
                faults += error.faults
            else:  # nothing is sent by it any more
                log.warning("a plug-in's webhook is closed", provider=name, why=str(error))
    if faults:
        raise ConfigError(faults)
    return readers


def _foreign_reader(settings: Settings, name: str) -> dict[str, ReportReader]:
    from digest import plugged

    reader = plugged.report_reader(settings, name)
    return {name: reader} if reader else {}


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
