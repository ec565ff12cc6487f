"""The secret key as it is kept: in the settings, or in the data folder, where it is made once and never made up for."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from digest import identity
from digest.errors import ConfigError, Fault
from digest.settings import Settings

#: What stands for a key where there is none and nobody may make one.
NO_KEY = bytes(32)
GONE = "is gone, and DIGEST_SECRET_KEY is not set"
BACK = (
    "every link in the mails that have left needs it: put it back from a backup (its data/secret.key), or set"
    " DIGEST_SECRET_KEY as it was; where it is lost for good, set a new one and say `digest rekey`"
)


def found(settings: Settings, *, looks: bool) -> bytes:
    """The configured key, or one made once and kept where only this user can read it. looks: none is made."""
    said, path = given(settings), settings.data / "secret.key"
    if said or path.exists():
        if not looks:
            _make_folder(settings.data)
        return said or _kept(path)
    if looks:
        return NO_KEY
    if (settings.data / identity.FILE).exists():
        raise ConfigError([Fault(str(path), None, "", f"{GONE}: {BACK}")])
    _make_folder(settings.data)
    return _kept(path)


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        fault = Fault("settings", None, "DIGEST_DATA", f"{data}: {error.strerror}")
        raise ConfigError([fault]) from error


def given(settings: Settings) -> bytes:
    """The key of the settings; empty where they have none. Raises ConfigError for a short one."""
    key = settings.secret_key.get_secret_value()
    if key and len(key) < 32:
        told = "at least 32 characters, please: `openssl rand -hex 32` makes one"
        raise ConfigError([Fault("environment", None, "DIGEST_SECRET_KEY", told)])
    return key.encode()


def _kept(path: Path) -> bytes:
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
