"""Settings from the environment and `.env`: built once, strict, secrets also as `DIGEST_…_FILE`.

Only `bootstrap` and `cli` see this. `.env.example` lists every key, kept complete by a test.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
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


def _database_url(value: str) -> str:
    """Empty, or of a database that we know. The value may hold a password: no fault repeats it."""
    if value and not re.match(r"(sqlite|postgres|postgresql|postgresql\+psycopg)://", value):
        raise ValueError("expected an address that begins sqlite:/// or postgresql://")
    return value


def _for_each_provider(read: Callable[[str], object]) -> AfterValidator:
    """A text whose every part, one a provider, can be read by `read`."""

    def checked(value: str) -> str:
        for text in by_provider(value).values():
            read(text)
        return value

    return AfterValidator(checked)


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
    provider: Literal["outbox", "smtp"] = Field("outbox", description="How mail leaves.")
    smtp_host: str = Field("", description="The relay's name; needed by smtp.")
    smtp_port: int = Field(587, ge=1, le=65535, description="The relay's port.")
    smtp_security: SmtpSecurity = Field(SmtpSecurity.STARTTLS, description="starttls, tls or none.")
    smtp_username: str = Field("", description="Empty: no login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password of the relay's login.")
    connections: int = Field(10, ge=1, le=200, description="Messages handed over at once (C).")
    limits: Annotated[str, _for_each_provider(read_limits)] = Field(
        "", description="How many messages may leave, as in '10/s, 600/min, 20000/h'. Empty: any."
    )
    domain_limits: Annotated[str, _for_each_provider(read_domain_limits)] = Field(
        "",
        description="The same for recipients' domains: 'gmail.com=20/s, *.orange.fr=5/s, *=50/s'.",
    )
    warm_up: Annotated[str, _for_each_provider(read_warm_up)] = Field(
        "", description="A new sending domain's first day and daily growth, as in '200 x2'."
    )
    slow_start: Annotated[str, _for_each_provider(read_slow_start)] = Field(
        "0", description="Messages a second to begin with, '20' or '20 to 500'. 0: no slow start."
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

    @property
    def database(self) -> str:
        """The database's URL, with the default filled in."""
        if not self.database_url:
            return f"sqlite:///{(self.data / 'digest.db').resolve()}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)


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
    if given.get("provider") == "smtp" and not str(given.get("smtp_host") or "").strip():
        place = places.get("provider", ("environment", None))
        faults.append(Fault(*place, PREFIX + "SMTP_HOST", "needed by DIGEST_PROVIDER=smtp"))
    if faults:
        raise ConfigError(faults)
    return settings


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
