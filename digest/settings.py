"""Settings from the environment and `.env`: built once, strict, secrets also as `DIGEST_…_FILE`.

Only `bootstrap` and `cli` see this. `.env.example` lists every key, kept complete by a test.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from digest.errors import ConfigError, Fault
from digest.expected import plain
from digest.limits import (
    by_provider,
    read_domain_limits,
    read_limits,
    read_slow_start,
    read_warm_up,
    strangers,
)
from digest.values import web_address

PREFIX = "DIGEST_"


class SmtpSecurity(StrEnum):
    """How a connection to the relay is encrypted; what is asked for never falls back."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


def _public_url(value: str) -> str:
    """An http address that a path can be written after."""
    parts = urlsplit(web_address(value))
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("expected an address without '?', '#' and '@'")
    return value


def _api_url(value: str) -> str:
    """A provider's address: encrypted, unless it is on this machine."""
    parts = urlsplit(_public_url(value))
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("expected an address that begins https://")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    """Empty, or of a database that we know. The value may hold a password: no fault repeats it."""
    if value and not re.match(r"(sqlite|postgres|postgresql|postgresql\+psycopg)://", value):
        raise ValueError("expected an address that begins sqlite:/// or postgresql://")
    return value


def _region(value: str) -> str:
    """Empty, or what a region of Amazon's is called: it becomes part of an address."""
    if not re.fullmatch(r"[a-z0-9-]*", value):
        raise ValueError("expected a region such as eu-west-1")
    return value


ApiUrl = Annotated[str, AfterValidator(_api_url)]


def _each(read: Callable[[str], object]) -> AfterValidator:
    """A text that says something for one provider or for several: every part must be understood."""

    def check(value: str) -> str:
        for text in by_provider(value).values():
            read(text)
        return value

    return AfterValidator(check)


PROVIDER_NAMES = (
    "outbox", "smtp", "postmark", "resend", "brevo", "ses", "sendgrid", "mailgun",
)  # fmt: skip


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _in_order(value: str) -> str:
    """One provider, or several in the order in which they take over."""
    names = _names(value)
    if not names or not set(names) <= set(PROVIDER_NAMES):
        raise ValueError(f"expected one or more of {', '.join(PROVIDER_NAMES)}")
    if len(set(names)) < len(names):
        raise ValueError("a provider is named twice")
    return ", ".join(names)


class Settings(BaseModel):
    """Everything that differs from one installation to another. Keys are `DIGEST_` + upper case."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    data: Path = Field(Path("data"), description="Folder for the database, the outbox and keys.")
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "", description="Empty: SQLite in the data folder. postgresql://… else."
    )
    schedules: Path = Field(
        Path("schedules"), description="Folder with one TOML file a newsletter."
    )
    public_url: Annotated[str, AfterValidator(_public_url)] = Field(
        "http://127.0.0.1:8000", description="Where readers reach this server."
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs links. Empty: made once, kept in the data folder."
    )
    api_token: SecretStr = Field(
        SecretStr(""), description="Bearer token of the API. Empty: API off."
    )
    provider: Annotated[str, AfterValidator(_in_order)] = Field(
        "outbox",
        description="How mail leaves: one of outbox, smtp, postmark, resend, brevo, ses, sendgrid, mailgun;"
        " or several with commas: the next takes over when one halts.",
    )
    smtp_host: str = Field("", description="The relay's name; needed by smtp.")
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
    ses_region: Annotated[str, AfterValidator(_region)] = Field(
        "", description="SES: the region, such as eu-west-1; needed by ses."
    )
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
    connections: int = Field(10, ge=1, le=200, description="Messages handed over at once (C).")
    connections_in_all: int = Field(
        0,
        ge=0,
        le=200,
        description="The same for all workers together, one of them for notices; 0: no common limit.",
    )
    limits: Annotated[str, _each(read_limits)] = Field(
        "",
        description="The most that may leave, as 10/s, 600/min, 20000/h. Empty: as fast as it goes.",
    )
    domain_limits: Annotated[str, _each(read_domain_limits)] = Field(
        "", description="The same by recipient domain, as google=20/s, orange.fr=5/s, *=50/s."
    )
    warm_up: Annotated[str, _each(read_warm_up)] = Field(
        "", description="A new domain's first day and its daily growth, as 200 x2. Empty: none."
    )
    slow_start: Annotated[str, _each(read_slow_start)] = Field(
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
    fetch_allow: str = Field(
        "", description="Comma-separated private networks (CIDR) that feeds may be fetched from."
    )
    bounce_imap_host: str = Field(
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

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers in the order in which they take over."""
        return _names(self.provider)

    @property
    def database(self) -> str:
        """The database's URL, with the default filled in."""
        if not self.database_url:
            return f"sqlite:///{(self.data / 'digest.db').resolve()}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)


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
    places: dict[str, tuple[str, int | None]] = {}
    for name, value, place in (*_from_file(env_file, faults), *_from_environ(environ)):
        key = name.removeprefix(PREFIX).lower()
        if key.endswith("_file") and key.removesuffix("_file") in SECRETS:
            key = key.removesuffix("_file")
            value = _secret_file(name, value, place, faults)
        if name != name.upper() or key not in Settings.model_fields:
            faults.append(Fault(*place, name, "no such setting; see .env.example for all of them"))
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
    ]
    if faults:
        raise ConfigError(faults)
    return settings


def missing(needing: str, key: str, file: str = "environment", line: int | None = None) -> Fault:
    """The fault of a setting that is not given, told where what needs it was chosen."""
    return Fault(file, line, PREFIX + key.upper(), f"needed by {needing}")


def _missing(given: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """(the setting that is missing, the one that needs it, how that one is told)."""
    for provider in _names(str(given.get("provider") or "")):
        for key in NEEDED.get(provider, ()):
            if not str(given.get(key) or "").strip():
                yield key, "provider", f"{PREFIX}PROVIDER={provider}"
    if given.get("bounce_imap_host") and not given.get("bounce_imap_username"):
        yield "bounce_imap_username", "bounce_imap_host", "DIGEST_BOUNCE_IMAP_HOST"


def _from_environ(environ: Mapping[str, str]) -> list[tuple[str, str, tuple[str, int | None]]]:
    return [(k, v, ("environment", None)) for k, v in environ.items() if k.startswith(PREFIX)]


def _from_file(
    path: Path | None, faults: list[Fault]
) -> list[tuple[str, str, tuple[str, int | None]]]:
    if path is None or not path.is_file():
        return []
    found: list[tuple[str, str, tuple[str, int | None]]] = []
    for number, raw in enumerate(_lines(path, faults), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().startswith(PREFIX):
            faults.append(Fault(str(path), number, name.strip()[:60], "expected DIGEST_NAME=value"))
            continue
        found.append((name.strip(), _unquote(value.strip()), (str(path), number)))
    return found


def _lines(path: Path, faults: list[Fault]) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(str(path), None, "", f"cannot be read: {error}"))
        return []


def _unquote(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _secret_file(name: str, path: str, place: tuple[str, int | None], faults: list[Fault]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        faults.append(Fault(*place, name, f"cannot read {path}: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append(Fault(*place, name, f"cannot read {path}: it is no text"))
    return ""
