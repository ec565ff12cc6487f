"""What handing over by an HTTP API costs: `python bench/http_providers.py [readers]`.

Prints, for each provider, readers a second of our own processor time against a sink on this machine
(a process of its own, whose time does not count), with a real edition; and the same by one POST a
reader through httpx, as a plain client would do it. The ratio travels better than the numbers do.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import multiprocessing
import re
import sys
import time
from collections.abc import Callable, Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import measure  # noqa: E402
from digest import render  # noqa: E402
from digest.contracts.hand_over import a_mail, a_message, leave_mail  # noqa: E402
from digest.mail.slots import SLOTS, fill  # noqa: E402
from digest.model import Message  # noqa: E402
from digest.protocols import Provider  # noqa: E402
from digest.providers.aws_signature import Signer  # noqa: E402
from digest.providers.brevo import BrevoProvider  # noqa: E402
from digest.providers.mailgun import MailgunProvider  # noqa: E402
from digest.providers.postmark import PostmarkProvider  # noqa: E402
from digest.providers.resend import ResendProvider  # noqa: E402
from digest.providers.sendgrid import SendGridProvider  # noqa: E402
from digest.providers.ses import SesProvider  # noqa: E402
from tests import sample_issue  # noqa: E402

#: What stands in a request once a message, and the answer to one message of it.
ANSWERS: dict[str, tuple[bytes, Callable[[int], object]]] = {
    "/email/batch": (
        b'"Metadata"',
        lambda n: [
            {"ErrorCode": 0, "Message": "OK", "MessageID": f"{i:036}", "To": "reader@example.net"}
            for i in range(n)
        ],
    ),
    "/emails/batch": (b'"tags"', lambda n: {"data": [{"id": f"{i:036}"} for i in range(n)]}),
    "/smtp/email": (b'"X-Mailin-custom"', lambda n: {"messageIds": [f"{i:036}" for i in range(n)]}),
    "/v3/mail/send": (b'"custom_args"', lambda n: None),
    "/v3/mg.gazette.example/messages": (
        b"\r\n\r\nreader",
        lambda n: {"id": "<1@mg.gazette.example>", "message": "Queued. Thank you."},
    ),
    "/v2/email/outbound-bulk-emails": (
        b'"Destination"',
        lambda n: {
            "BulkEmailEntryResults": [
                {"Status": "SUCCESS", "MessageId": f"{i:060}"} for i in range(n)
            ]
        },
    ),
    "/email": (b'"Metadata"', lambda n: {"ErrorCode": 0, "Message": "OK"}),
}


# ------------------------------------------------ the sink


def sink(port: Connection) -> None:
    """Takes everything and answers at once."""
    asyncio.run(_sink(port))


async def _sink(port: Connection) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, limit=2**22)
    port.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    made: dict[tuple[str, int], bytes] = {}
    while head := await _head(reader):
        path = head.split(b" ", 2)[1].decode()
        length = re.search(rb"content-length: (\d+)", head.lower())
        body = await reader.readexactly(int(length[1]) if length else 0)
        mark, answer = ANSWERS[path]
        many = body.count(mark)
        if (path, many) not in made:
            found = answer(many)
            data = json.dumps(found).encode() if found is not None else b""
            start = b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (
                200 if data else 202,
                len(data),
            )
            made[path, many] = start + data
        writer.write(made[path, many])
        await writer.drain()
    writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


# ------------------------------------------------ what is measured


class Readers:
    """A Feed that costs next to nothing."""

    def __init__(self, found: list[Message]) -> None:
        self.left, self.accepted_many = found, 0

    @property
    def overlaps(self) -> bool:
        return True

    def next(self) -> Message | None:
        return self.left.pop() if self.left else None

    def take(self, most: int) -> list[Message]:
        found, self.left = self.left[:most], self.left[most:]
        return found

    async def more(self) -> bool:
        return bool(self.left)

    def handed(self, *messages: Message) -> None:
        pass

    def accepted(self, message: Message) -> None:
        self.accepted_many += 1

    def answered(self, message: Message, answer: Exception) -> None:
        raise answer

    def give_back(self, message: Message, reason: str = "") -> None:
        raise AssertionError("the sink takes everything")


def readers(many: int) -> list[Message]:
    edition = render.render(
        sample_issue.content(), sample_issue.schedule(), public_url=sample_issue.PUBLIC_URL
    )
    mail = dataclasses.replace(a_mail(), rendered=edition)
    url = "https://mail.gazette.example/leave/sunday/"
    return [
        dataclasses.replace(
            a_message(n, mail=mail, name=f"Reader {n}"),
            values={"leave_url": f"{url}{n:054}", "leave_mail": leave_mail(n)},
        )
        for n in range(many)
    ]


async def by_batches(provider: Provider, found: list[Message]) -> None:
    feed = Readers(list(found))
    async with provider.open() as channel:
        await channel.run(feed)
    assert feed.accepted_many == len(found)


async def one_by_one(url: str, found: list[Message]) -> None:
    """A POST a reader, its JSON made for this reader: what a plain client does."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for message in found:
            values = {name: message.values[name] for name in SLOTS}
            filled = fill(message.mail.rendered, values)
            item = {"To": message.recipient, "Subject": filled.subject, "Metadata": {}}
            item |= {"HtmlBody": filled.html, "TextBody": filled.text}
            (await client.post(f"{url}/email", json=item)).raise_for_status()


def cost(work: Coroutine[Any, Any, None], many: int) -> float:
    """Microseconds of our processor time for one reader."""
    start = time.process_time()
    asyncio.run(work)
    return (time.process_time() - start) / many * 1e6


def main() -> None:
    asked = measure.asked(__doc__, "readers", 20_000)
    many = asked.readers
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=sink, args=(theirs,), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    signer = Signer(key_id="AKID", secret="s", region="eu-west-1")  # noqa: S106
    found = readers(many)
    few = found[: max(1, many // 20)]
    size = PostmarkProvider(token="t").request(found[:1]).size  # noqa: S106
    print(f"{many:,} readers, {size:,} bytes of JSON a whole mail; microseconds of CPU a reader")
    plain = cost(one_by_one(url, few), len(few))
    figures = {"one POST a reader": plain}
    print(f"{'one POST a reader':<22}{plain:>9.1f} µs {1e6 / plain:>10,.0f}/s")
    for provider in (
        PostmarkProvider(token="t", base_url=url),  # noqa: S106
        ResendProvider(token="t", base_url=url, per_s=0),  # noqa: S106
        BrevoProvider(token="t", base_url=url, per_s=0),  # noqa: S106
        SendGridProvider(token="t", base_url=url),  # noqa: S106
        MailgunProvider(token="t", domain="mg.gazette.example", base_url=url),  # noqa: S106
        SesProvider(signer=signer, base_url=url),
    ):
        spent = figures[provider.name] = cost(by_batches(provider, found), many)
        print(
            f"{provider.name:<22}{spent:>9.1f} µs {1e6 / spent:>10,.0f}/s {plain / spent:>6.0f} ×"
        )
    process.terminate()
    measure.keep(asked.json, readers=many, us_a_reader=figures)


if __name__ == "__main__":
    main()
