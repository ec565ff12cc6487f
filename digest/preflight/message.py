"""One reader's copy as it leaves: is its header whole, does it come from us, and does it say what was approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parseaddr
from urllib.parse import urlsplit

from digest.model import Rendered
from digest.preflight.findings import Finding, Item, error

#: What stands in every copy exactly once: RFC 5322 §3.6, RFC 2045, RFC 2369, RFC 2919, RFC 8058.
ONCE = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)
_ASK = "Report it: every copy would leave like this."


def check(
    copy: bytes, filled: Rendered, *, public_url: str, domain: str, signed_by: str = ""
) -> Iterator[Finding]:
    """copy: as a relay gets it. filled: its parts as they were rendered, with the same values in the slots.

    domain: that of the newsletter's From address. signed_by: the only domain whose key signs, where there is one.
    """
    message = BytesParser(policy=compat32).parsebytes(copy)
    yield from _header(message)
    yield from _way_out(message, public_url)
    yield from _author(message, domain, signed_by)
    yield from _parts(message, filled)


def _header(message: Message) -> Iterator[Finding]:
    counts = Counter(name.lower() for name, _ in message.items())
    for name in ONCE:
        if counts[name.lower()] != 1:
            times = "is missing" if not counts[name.lower()] else "stands there more than once"
            yield error(f"The header field {name} {times}.", _ASK, item=Item.HEADER)


def _way_out(message: Message, public_url: str) -> Iterator[Finding]:
    """RFC 8058: a link by https at our own server, and the field that says one press is enough."""
    ways = str(message.get("List-Unsubscribe", ""))
    links = [way.strip(" <>") for way in "".join(ways.split()).split(",")]
    web = [link for link in links if link.startswith(("http:", "https:"))]
    if not web or message.get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click":
        yield error("The header offers no way to leave with one press.", _ASK, item=Item.HEADER)
    elif any(urlsplit(link).netloc != urlsplit(public_url).netloc for link in web):
        yield error(
            "The header's link to leave leads to another server than ours.",
            "Set DIGEST_PUBLIC_URL to the address that readers know.",
            item=Item.HEADER,
        )


def _author(message: Message, domain: str, signed_by: str) -> Iterator[Finding]:
    """Whether From is of the newsletter's domain, and of the one that signs (RFC 9989, alignment)."""
    found = parseaddr(str(message.get("From", "")))[1].rpartition("@")[2].lower()
    if found != domain.lower():
        yield error(
            f"The mail comes from {found or 'nobody'}, and the newsletter's domain is {domain}.",
            "Look at newsletter.from_address in the schedule.",
            item=Item.HEADER,
        )
    elif signed_by and not _aligned(found, signed_by.lower()):
        yield error(
            f"The mail comes from {found} and is signed by {signed_by}: DMARC does not count that.",
            "Sign with a key of the From address's own domain.",
            item=Item.HEADER,
        )


def _aligned(author: str, signer: str) -> bool:
    return author == signer or author.endswith(f".{signer}") or signer.endswith(f".{author}")


def _parts(message: Message, filled: Rendered) -> Iterator[Finding]:
    """Whether both parts read as they were rendered."""
    read = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    wanted = (("text/html", filled.html, Item.PAGE), ("text/plain", filled.text, Item.TEXT))
    for kind, said, item in wanted:
        data = read[kind].get_payload(decode=True) if kind in read else None
        told = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
        if told.splitlines() != said.splitlines():
            yield error(f"The {kind} part does not read as it was rendered.", _ASK, item=item)
