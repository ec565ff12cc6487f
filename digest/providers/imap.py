"""A mailbox by IMAP over TLS (RFC 9051, and RFC 3501 before it): unread mail out, read mail marked.

A mail is fetched without being marked (BODY.PEEK), so that one whose report could not be stored
stays unread and comes again.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from digest.errors import FetchError

#: Seconds for each answer of the server.
TIMEOUT_S = 30

#: Bytes that are fetched of one mail: what it tells stands at its beginning.
LARGEST = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapMailbox:
    """One folder. context: for servers whose certificate no public authority signed."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    context: ssl.SSLContext | None = None

    @contextmanager
    def open(self) -> Iterator[OpenFolder]:
        """Log in and select the folder. Raises FetchError; permanent where the login is refused."""
        with self._told():
            context = self.context or ssl.create_default_context()
            client = imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=TIMEOUT_S)
        try:
            with self._told(permanent=True):
                client.login(self.username, self.password)
                _well(client.select(_quoted(self.folder)))
            with self._told():
                yield OpenFolder(client)
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()

    @contextmanager
    def _told(self, *, permanent: bool = False) -> Iterator[None]:
        """The server's own words are told; they name no reader, only the folder and the login."""
        where = f"imaps://{self.host}:{self.port}/{self.folder}"
        try:
            yield
        except imaplib.IMAP4.abort as error:
            raise FetchError(where, str(error)[:200]) from error
        except imaplib.IMAP4.error as error:
            raise FetchError(where, str(error)[:200], permanent=permanent) from error
        except OSError as error:
            raise FetchError(where, str(error)[:200]) from error


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """The selected folder. Mails are named by their UID, which no other client's doings change."""

    client: imaplib.IMAP4_SSL

    def letters(self) -> Iterator[tuple[str, bytes]]:
        """The unread mails as they are now, oldest first; one that is gone meanwhile is left out."""
        _, found = self.client.uid("SEARCH", "UNSEEN", "UNDELETED")
        for uid in (found[0] or b"").split():
            name = uid.decode("ascii")
            _, parts = self.client.uid("FETCH", name, f"(BODY.PEEK[]<0.{LARGEST}>)")
            body = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if body is not None:
                yield name, body

    def settle(self, name: str) -> None:
        """Mark it as read."""
        _well(self.client.uid("STORE", name, "+FLAGS.SILENT", r"(\Seen)"))


def _well(answer: tuple[str, list[bytes | None]] | tuple[str, list[object]]) -> None:
    status, words = answer
    if status != "OK":
        raise imaplib.IMAP4.error(str(words[0] if words else status))


def _quoted(folder: str) -> str:
    """A folder's name as a quoted string (RFC 3501 §4.3); imaplib leaves that to its caller."""
    return '"' + re.sub(r'(["\\])', r"\\\1", folder) + '"'
