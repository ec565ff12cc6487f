"""Mailboxes on disk: a Maildir, an mbox file, a folder of mails, or one mail. For `digest bounces read`."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from digest.errors import NotFound

#: Bytes that are read of one mail.
LARGEST = 300_000


@dataclass(frozen=True, slots=True)
class MailFiles:
    """What lies at a path. Only a Maildir is changed: what is done with moves from `new` to `cur`."""

    path: Path

    @contextmanager
    def open(self) -> Iterator[OpenMaildir | OpenFiles]:
        """Raises NotFound where nothing is at the path."""
        if not self.path.exists():
            raise NotFound(f"{self.path}: there is nothing to read")
        maildir = (self.path / "new").is_dir() and (self.path / "cur").is_dir()
        yield OpenMaildir(self.path) if maildir else OpenFiles(self.path)


@dataclass(frozen=True, slots=True)
class OpenMaildir:
    """https://cr.yp.to/proto/maildir.html: what lies in `new` was read by nobody."""

    path: Path

    def letters(self) -> Iterator[tuple[str, bytes]]:
        for one in sorted((self.path / "new").iterdir()):
            if one.is_file() and not one.name.startswith("."):
                yield one.name, _beginning(one)

    def settle(self, name: str) -> None:
        (self.path / "new" / name).rename(self.path / "cur" / f"{name}:2,S")


@dataclass(frozen=True, slots=True)
class OpenFiles:
    """An mbox (it begins with `From `), one mail, or a folder of mails: read as often as you like."""

    path: Path

    def letters(self) -> Iterator[tuple[str, bytes]]:
        if self.path.is_dir():
            files = (one for one in sorted(self.path.rglob("*")) if one.is_file())
            yield from ((str(one), _beginning(one)) for one in files)
        elif not _beginning(self.path).startswith(b"From "):
            yield str(self.path), _beginning(self.path)
        else:
            box = mailbox.mbox(self.path, create=False)
            for key in box.iterkeys():
                yield str(key), box.get_bytes(key)[:LARGEST]
            box.close()

    def settle(self, name: str) -> None:
        """Nothing is changed: the same mail read twice counts once."""


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST)
