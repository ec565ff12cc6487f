"""What is not there though a house that mails needs it: who hears bounces, who hears of risks, a backup, an address of the house."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest.checkup.setup import Setup
from digest.domains.records import Finding
from digest.known_providers import REPORT_READERS
from digest.limits import strangers
from digest.setting_files import PREFIX
from digest.settings import PACED, Settings

#: What the sample schedule says: who left it standing did not write their own.
SAMPLE_PLACE = "1 Quay Street, Port Ellery"


def examine(setup: Setup) -> Iterator[Finding]:
    """Nothing is wanting where mail only goes to files."""
    if setup.mails:
        yield from _heard(setup)
        yield from _told(setup)
        yield from _kept(setup)
        for key in setup.schedules:
            yield from _place(setup, key)
    yield from _strays(setup)


def idle_limits(settings: Settings) -> Iterator[str]:
    """What of the pace holds for nothing: what is said for a provider that is not used."""
    for key in PACED:
        for name in strangers(getattr(settings, key), settings.providers):
            yield f"{PREFIX}{key.upper()} speaks of {name}, which {PREFIX}PROVIDER does not name"


def _heard(setup: Setup) -> Iterator[Finding]:
    given = setup.settings
    if "smtp" in given.providers and not (given.bounce_imap_host or given.return_domain):
        yield Finding(
            "bounces",
            True,
            "nobody reads what comes back from the relay's mail",
            where=setup.at("bounce_imap_host"),
            why="dead addresses are mailed for ever, and wishes to leave by mail are not heard",
            remedy="DIGEST_BOUNCE_IMAP_HOST, or DIGEST_RETURN_DOMAIN with a pipe (docs/bounces.md)",
            doubtful=True,
        )
    for name in given.providers:
        if name in REPORT_READERS and not _is_set(given, key := REPORT_READERS[name][0]):
            yield Finding(
                f"webhook of {name}",
                True,
                "its reports of bounces and complaints are not taken in",
                where=setup.at(key),
                why="dead addresses are mailed for ever, and a complaint takes nobody off the list",
                remedy=f"set {PREFIX}{key.upper()} and let {name} call /webhooks/{name} (docs/providers.md)",
                doubtful=True,
            )


def _is_set(given: Settings, key: str) -> bool:
    value = getattr(given, key)
    return bool(value if isinstance(value, str) else value.get_secret_value())


def _told(setup: Setup) -> Iterator[Finding]:
    if not setup.settings.operator:
        yield Finding(
            "operator",
            True,
            "nobody hears of what threatens the next issue",
            where=setup.at("operator"),
            why="a source that fell silent is seen by readers first",
            remedy="DIGEST_OPERATOR=you@your-domain",
            doubtful=True,
        )


def _kept(setup: Setup) -> Iterator[Finding]:
    if not setup.settings.backup_every_h:
        yield Finding(
            "backup",
            True,
            "nobody looks whether there is one",
            where=setup.at("backup_every_h"),
            why="a disk that dies takes every reader with it",
            remedy="`digest backup FOLDER --keep 14` once a day, and DIGEST_BACKUP_EVERY_H=26",
            doubtful=True,
        )


def _place(setup: Setup, key: str) -> Iterator[Finding]:
    if SAMPLE_PLACE in setup.schedules[key].newsletter.postal_address:
        yield Finding(
            f"street address of {key}",
            not setup.reaches_strangers,
            "is that of the sample",
            where=setup.line(key, "newsletter", "postal_address"),
            why="the law of many countries asks for yours in each mail",
            remedy="write the street and the town that you can be found at",
            doubtful=not setup.reaches_strangers,
        )


def _strays(setup: Setup) -> Iterator[Finding]:
    """Files beside the schedules that look like one and are not read."""
    folder = setup.settings.schedules
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _is_stray(path):
            yield Finding(
                "schedule",
                True,
                f"{path.name} is not read",
                where=str(path),
                why="only files that end in .toml, in small letters, are newsletters",
                remedy=f"rename it to {path.name.split('.')[0].lower()}.toml, or take it away",
                doubtful=True,
            )


def _is_stray(path: Path) -> bool:
    name = path.name.lower()
    near = name.endswith((".toml", ".tml", ".toml.txt", ".yaml", ".yml"))
    return path.is_file() and near and path.suffix != ".toml" and not name.startswith(".")
