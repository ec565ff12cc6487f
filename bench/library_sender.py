"""The child that sends one message again and again by a library: `python -m bench.library_sender JOB`.

smtplib in a thread for each connection, or aiosmtplib in a task for each. They send bytes made
before, keep no ledger and personalise nothing: all that is in their favour.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import measure

SENDER = "bounce@gazette.example"


def recipients(count: int) -> Iterator[str]:
    return (f"reader{number}@example.net" for number in range(count))


def by_smtplib(port: int, connections: int, messages: int, body: bytes) -> None:
    """Raises what the first thread raised."""
    left, lock, faults = recipients(messages), threading.Lock(), list[Exception]()

    def one_connection() -> None:
        try:
            with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example") as client:
                while True:
                    with lock:
                        recipient = next(left, None)
                    if recipient is None:
                        return
                    client.sendmail(SENDER, [recipient], body)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=one_connection) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


async def by_aiosmtplib(port: int, connections: int, messages: int, body: bytes) -> None:
    import aiosmtplib

    left = recipients(messages)

    async def one_connection() -> None:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1",
            port=port,
            local_hostname="bench.example",
            start_tls=False,
        )
        async with client:
            for recipient in left:
                await client.sendmail(SENDER, [recipient], body)

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(one_connection())


def main(job: dict[str, Any]) -> None:
    body = Path(job["message"]).read_bytes()
    how = (job["port"], job["connections"], job["messages"], body)
    if job["library"] == "aiosmtplib":
        import aiosmtplib  # noqa: F401  (before the measured phase)
    with measure.phase(job["messages"]):
        if job["library"] == "aiosmtplib":
            asyncio.run(by_aiosmtplib(*how))
        else:
            by_smtplib(*how)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
