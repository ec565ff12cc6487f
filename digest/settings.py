"""Settings from the environment and `.env`: built once, strict, secrets also as `DIGEST_…_FILE`.

Only `bootstrap` and `cli` see this. `.env.example` lists every key, kept complete by a test.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from digest import plugin_entries, setting_plugins
from digest.errors import ConfigError, Fault
from digest.expected import meant, plain
from digest.limits import read_domain_limits, read_limits, read_slow_start, read_warm_up, strangers
from digest.plugin_entries import Room
from digest.setting_files import PREFIX, Place, from_environ, from_file, secret_file
from digest.setting_values import (
    ApiUrl,
    DatabaseUrl,
    Domain,
    InOrder,
    PublicUrl,
    Region,
    Selector,
    ServerName,
    each,
    in_order,
    listened_at,
)


class SmtpSecurity(StrEnum):
    """How a connection to the relay is encrypted; what is asked for never falls back."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


PROVIDER_NAMES = plugin_entries.PROVIDERS


class Settings(BaseModel):
    """Everything that differs from one installation to another. Keys are `DIGEST_` + upper case."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    data: Path = Field(Path("data"), description="Folder for the database, the outbox and keys.")
    database_url: DatabaseUrl = Field(
        "", repr=False, description="Empty: SQLite in the data folder. postgresql://… else."
    )
    schedules: Path = Field(
        Path("schedules"), description="Folder with one TOML file a newsletter."
    )
    public_url: PublicUrl = Field(
        "http://127.0.0.1:8000", description="Where readers reach this server."
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs links. Empty: made once, kept in the data folder."
    )
    second_factor: Literal["optional", "admins", "everybody"] = Field(
        "optional",
        description="Who must log in to the desk with more than a mailed link: optional, admins or everybody.",
    )
    api_token: SecretStr = Field(SecretStr(""), description="A token that only pushes articles.")
    api_per_min: int = Field(600, ge=1, le=100_000, description="Calls of one token in a minute.")
    provider: InOrder = Field(
        "outbox",
        description="How mail leaves: one of outbox, smtp, postmark, resend, brevo, ses, sendgrid, mailgun,"
        " or a plug-in's; or several with commas: the next takes over when one halts.",
    )
    smtp_host: ServerName = Field("", description="The relay's name; needed by smtp.")
    smtp_port: int = Field(587, ge=1, le=65535, description="The relay's port.")
    smtp_security: SmtpSecurity = Field(SmtpSecurity.STARTTLS, description="starttls, tls or none.")
    smtp_trips: Literal["auto", "1", "2", "4"] = Field(
        "auto", description="Round trips a message; auto: as few as the relay is content with."
    )
    smtp_depth: int = Field(
        1,
        ge=1,
        le=16,
        description="Messages under way on a connection where the relay takes chunks (C = connections x this).",
    )
    smtp_username: str = Field("", description="Empty: no login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password of the relay's login.")
    postmark_token: SecretStr = Field(
        SecretStr(""), description="Postmark: the server's API token; needed by postmark."
    )
    postmark_stream: str = Field(
        "broadcast", min_length=1, description="Postmark: the id of a broadcast message stream."
    )
    postmark_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Postmark: user:password of the webhook's address. Empty: off."
    )
    postmark_url: ApiUrl = Field(
        "https://api.postmarkapp.com", description="Postmark: where its API is."
    )
    resend_token: SecretStr = Field(
        SecretStr(""), description="Resend: an API key that may send; needed by resend."
    )
    resend_per_s: float = Field(
        5.0, gt=0, le=1000, description="Resend: requests a second that the team's plan allows."
    )
    resend_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Resend: the webhook's signing secret, whsec_…. Empty: off."
    )
    resend_url: ApiUrl = Field("https://api.resend.com", description="Resend: where its API is.")
    brevo_token: SecretStr = Field(
        SecretStr(""), description="Brevo: an API key (v3); needed by brevo."
    )
    brevo_per_s: float = Field(
        1.6, gt=0, le=1000, description="Brevo: requests a second that the plan allows."
    )
    brevo_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Brevo: the webhook's token, or user:password. Empty: off."
    )
    brevo_url: ApiUrl = Field("https://api.brevo.com/v3", description="Brevo: where its API is.")
    ses_region: Region = Field("", description="SES: the region, such as eu-west-1; needed by ses.")
    ses_access_key_id: str = Field("", description="SES: the access key's id; needed by ses.")
    ses_secret_access_key: SecretStr = Field(
        SecretStr(""), description="SES: the secret access key; needed by ses."
    )
    ses_session_token: SecretStr = Field(
        SecretStr(""), description="SES: the session token of a key that ends by itself."
    )
    ses_mode: Literal["bulk", "raw"] = Field(
        "bulk", description="SES: bulk is 50 readers a request, raw one and its own MIME."
    )
    ses_configuration_set: str = Field(
        "", description="SES: the configuration set that publishes events."
    )
    ses_topics: str = Field(
        "", description="SES: comma-separated ARNs of the SNS topics to believe. Empty: off."
    )
    ses_url: ApiUrl | Literal[""] = Field(
        "", description="SES: where its API is. Empty: the region's own address."
    )
    sendgrid_token: SecretStr = Field(
        SecretStr(""), description="SendGrid: an API key that may send; needed by sendgrid."
    )
    sendgrid_webhook_key: str = Field(
        "", description="SendGrid: the event webhook's verification key. Empty: off."
    )
    sendgrid_url: ApiUrl = Field(
        "https://api.sendgrid.com", description="SendGrid: where its API is."
    )
    mailgun_token: SecretStr = Field(
        SecretStr(""), description="Mailgun: a sending key; needed by mailgun."
    )
    mailgun_domain: str = Field("", description="Mailgun: the sending domain; needed by mailgun.")
    mailgun_webhook_key: SecretStr = Field(
        SecretStr(""), description="Mailgun: the HTTP webhook signing key. Empty: off."
    )
    mailgun_url: ApiUrl = Field(
        "https://api.mailgun.net", description="Mailgun: where its API is, by the domain's region."
    )
    chat_url: ApiUrl | Literal[""] = Field(
        "",
        description="A model for summaries: its OpenAI-compatible API, as http://127.0.0.1:11434/v1.",
    )
    chat_model: str = Field("", description="The model's name; needed by DIGEST_CHAT_URL.")
    chat_key: SecretStr = Field(SecretStr(""), description="The API's key. Empty: none is sent.")
    chat_at_once: int = Field(2, ge=1, le=32, description="Requests to the model at once.")
    chat_per_min: int = Field(30, ge=1, le=1000, description="Requests to the model a minute.")
    chat_timeout_s: float = Field(60.0, gt=0, le=600, description="Seconds to wait for an answer.")
    connections: int = Field(10, ge=1, le=200, description="Messages handed over at once (C).")
    connections_in_all: int = Field(
        0,
        ge=0,
        le=200,
        description="The same for all workers together, one of them for notices; 0: no common limit.",
    )
    limits: Annotated[str, each(read_limits)] = Field(
        "",
        description="The most that may leave, as 10/s, 600/min, 20000/h. Empty: as fast as it goes.",
    )
    domain_limits: Annotated[str, each(read_domain_limits)] = Field(
        "", description="The same by recipient domain, as google=20/s, orange.fr=5/s, *=50/s."
    )
    warm_up: Annotated[str, each(read_warm_up)] = Field(
        "", description="A new domain's first day and its daily growth, as 200 x2. Empty: none."
    )
    slow_start: Annotated[str, each(read_slow_start)] = Field(
        "",
        description="Messages a second to begin with, as 20: doubles on success, halves on trouble.",
    )
    retry_base_s: float = Field(60.0, gt=0, description="Seconds before the first retry.")
    give_up_h: float = Field(48.0, gt=0, description="Hours after which a deferred message fails.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level."
    )
    log_format: Literal["console", "json"] = Field("console", description="For people or machines.")
    trusted_proxies: str = Field("", description="Comma-separated proxy addresses to believe.")
    disposable: Literal["refuse", "accept", "silent"] = Field(
        "refuse",
        description="Addresses of throw-away mailboxes at sign-up: refuse, accept, or silent (heard, never mailed).",
    )
    sign_up_breaker: int = Field(
        50,
        ge=1,
        description="Confirmation mails an hour from which everybody must prove work (or 10 x the week's mean).",
    )
    fetch_allow: str = Field(
        "", description="Comma-separated private networks (CIDR) that feeds may be fetched from."
    )
    bounce_imap_host: ServerName = Field(
        "", description="IMAP server (TLS) with the mailbox of the bounce address. Empty: not read."
    )
    bounce_imap_port: int = Field(993, ge=1, le=65535, description="The IMAP server's TLS port.")
    bounce_imap_username: str = Field("", description="Login of the bounce mailbox.")
    bounce_imap_password: SecretStr = Field(
        SecretStr(""), description="Password of the bounce mailbox."
    )
    bounce_imap_folder: str = Field(
        "INBOX", min_length=1, description="Folder whose unread mail is read; for us alone."
    )
    return_domain: Domain = Field(
        "",
        description="Domain whose mail to bounce+... reaches us, for return paths. Empty: the From address's.",
    )
    dkim_key: SecretStr = Field(
        SecretStr(""),
        description="DKIM: a private key in PEM, RSA or Ed25519. Empty: not signed here.",
    )
    dkim_selector: Selector = Field(
        "sunday", description="DKIM: the key is published as <this>._domainkey of the domain."
    )
    dkim_domain: Domain = Field(
        "", description="DKIM: who signs. Empty: the From address's domain."
    )
    dkim_second_key: SecretStr = Field(
        SecretStr(""), description="DKIM: a key that signs beside the first, Ed25519 beside RSA."
    )
    dkim_second_selector: Selector = Field(
        "sunday2", description="DKIM: the same of the second key."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token of /metrics. Empty: it answers this machine alone."
    )
    operator: str = Field(
        "", description="Comma-separated addresses that hear of risks by mail. Empty: nobody."
    )
    workers: int = Field(
        1, ge=1, le=100, description="Workers that should be alive; fewer are a risk."
    )
    backup_every_h: float = Field(
        0.0, ge=0, description="Hours after which a missing backup is a risk. 0: nobody looks."
    )
    ping_url: ApiUrl | Literal[""] = Field(
        "",
        repr=False,
        description="Asked after each healthy reconcile, so that somebody notices when it stops.",
    )
    ping_every_min: float = Field(5.0, gt=0, description="At most once in so many minutes.")
    traces_url: ApiUrl | Literal[""] = Field(
        "", description="OpenTelemetry: where traces go by OTLP over HTTP. Empty: nowhere."
    )

    _plugged: dict[str, str] = PrivateAttr(default_factory=dict)

    def plugged(self, provider: str) -> dict[str, str]:
        """What is set for a plug-in's provider, by the keys that it knows."""
        return setting_plugins.of(self._plugged, provider)

    @property
    def foreign_providers(self) -> tuple[str, ...]:
        """Plug-ins' providers that are used, or that something is set for: they may still tell of what they sent."""
        used = [name for name in self.providers if name not in PROVIDER_NAMES]
        return tuple(dict.fromkeys((*used, *setting_plugins.names(self._plugged))))

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers in the order in which they take over."""
        return in_order(self.provider)

    @property
    def database(self) -> str:
        """The database's URL, with the default filled in."""
        if not self.database_url:
            return f"sqlite:///{(self.data / 'digest.db').resolve()}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)

    def secrets(self) -> tuple[str, ...]:
        """Every secret that is set, for what must never tell one; of the database's URL the password."""
        told = (getattr(self, name).get_secret_value() for name in sorted(SECRETS))
        found = re.search(r"://[^:/@]*:(.*)@", self.database_url)
        password = found[1] if found else ""
        plugged = self._plugged.values()  # which of them is secret only the plug-in knows
        return tuple(one for one in (*told, *plugged, password, unquote(password)) if one)


#: Provider → the settings without which it cannot work.
NEEDED: dict[str, tuple[str, ...]] = {
    "smtp": ("smtp_host",),
    "postmark": ("postmark_token",),
    "resend": ("resend_token",),
    "brevo": ("brevo_token",),
    "ses": ("ses_region", "ses_access_key_id", "ses_secret_access_key"),
    "sendgrid": ("sendgrid_token",),
    "mailgun": ("mailgun_token", "mailgun_domain"),
}
#: Settings that may say one thing for one provider and another for the next.
PACED = ("limits", "domain_limits", "warm_up", "slow_start")
_NOBODY = f"is no provider; there are {', '.join(PROVIDER_NAMES)}"
SECRETS = frozenset(
    name for name, info in Settings.model_fields.items() if info.annotation is SecretStr
)
_NAMES = tuple(PREFIX + key.upper() for key in Settings.model_fields)
FROM_FILES = SECRETS | {"database_url"}  # which holds its password


def load(
    environ: Mapping[str, str] | None = None,
    env_file: Path | None = Path(".env"),
    *,
    changes: Mapping[str, object] | None = None,
) -> Settings:
    """Settings from `environ` (default: the process's) over `env_file`, and `changes` over both.

    Raises ConfigError with every fault.
    """
    environ = os.environ if environ is None else environ
    faults: list[Fault] = []
    values: dict[str, str] = {}
    places: dict[str, Place] = {}
    found = [*from_file(env_file, faults), *from_environ(environ)]
    plugged, found = setting_plugins.apart(found, faults)
    for name, value, place in found:
        key = name.removeprefix(PREFIX).lower()
        if key.endswith("_file") and key.removesuffix("_file") in FROM_FILES:
            key = key.removesuffix("_file")
            value = secret_file(name, value, place, faults)
        if name != name.upper() or key not in Settings.model_fields:
            told = f"no such setting; see .env.example for all of them{meant(name, _NAMES)}"
            faults.append(Fault(*place, name, told))
            continue
        if key in values and places[key][0] == place[0] and values[key]:
            if value:
                faults.append(Fault(*place, name, "is given twice"))
            continue
        values[key], places[key] = value, place
    given: dict[str, object] = {**values, **(changes or {})}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        for detail in error.errors():
            key = str(detail["loc"][0])
            place = places.get(key, ("environment", None))
            faults.append(Fault(*place, PREFIX + key.upper(), plain(detail)))
    for key, needing, told in _missing(given):
        place = places.get(needing, ("environment", None))
        faults.append(missing(told, key, *place))
    faults += [
        Fault(*places.get(key, ("environment", None)), PREFIX + key.upper(), f"{name!r} {_NOBODY}")
        for key in PACED
        for name in strangers(str(given.get(key) or ""), PROVIDER_NAMES)
        if not plugin_entries.known(Room.PROVIDERS, name)
    ]
    if faults:
        raise ConfigError(faults)
    settings._plugged = plugged
    return _reached(settings)


def _reached(settings: Settings) -> Settings:
    """The default address follows what is listened on: nobody could open a link to another port."""
    if settings.public_url != Settings.model_fields["public_url"].default:
        return settings
    here = f"http://{listened_at(settings.host)}:{settings.port}"
    return settings.model_copy(update={"public_url": here})


def missing(needing: str, key: str, file: str = "environment", line: int | None = None) -> Fault:
    """The fault of a setting that is not given, told where what needs it was chosen."""
    return Fault(file, line, PREFIX + key.upper(), f"needed by {needing}")


def _missing(given: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """(the setting that is missing, the one that needs it, how that one is told)."""
    for provider in in_order(str(given.get("provider") or "")):
        for key in NEEDED.get(provider, ()):
            if not str(given.get(key) or "").strip():
                yield key, "provider", f"{PREFIX}PROVIDER={provider}"
    if given.get("bounce_imap_host") and not given.get("bounce_imap_username"):
        yield "bounce_imap_username", "bounce_imap_host", "DIGEST_BOUNCE_IMAP_HOST"
    if given.get("chat_url") and not str(given.get("chat_model") or "").strip():
        yield "chat_model", "chat_url", "DIGEST_CHAT_URL"
    if given.get("dkim_domain") and not (given.get("dkim_key") or given.get("dkim_second_key")):
        yield "dkim_key", "dkim_domain", "DIGEST_DKIM_DOMAIN"
