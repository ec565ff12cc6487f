"""What the doors of a sign-up stand: `python bench/sign_up.py storm | pairs | api`.

storm: 10,000 posts for one address from 1,000 networks, then for as many addresses: how many mails.
pairs: 500 pairs of answers for two kinds of address, in turn: bytes alike, and by how much their
medians differ. api: schemathesis over the OpenAPI document, 200 examples an operation.
All of it against a real server on this machine, and a new database.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import itertools
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx

from digest import logs
from digest.audience import signup, tokens
from digest.audience.addresses import parse
from digest.bootstrap import House, utc_now
from digest.model import Scope
from digest.store import api_tokens, migrate, subscribers, suppressions
from digest.store.engine import Database
from digest.web import door, forms
from digest.web.speech import Speech
from tests.houses import make_house
from tests.queue_of import notices_of
from tests.web.served import served

KINDS = ("new", "confirmed", "pending", "suppressed", "left")
SPEECH = Speech("en", "Europe/London")
#: What any of them may be: docs/bars.md.
MOST_MS = 5.0
#: What schemathesis holds each answer against: the document, and no 5xx.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    logs.set_up("ERROR")
    with _house(asked.database) as house:
        if asked.what == "storm":
            return asyncio.run(_storms(house, asked.count or 10_000, asked.networks))
        if asked.what == "pairs":
            return _pairs(house, asked.count or 500)
        return api(house, asked.count or 200)


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("storm", "pairs", "api"))
    parser.add_argument("--count", type=int, help="posts, pairs or examples")
    parser.add_argument("--networks", type=int, default=1000)
    parser.add_argument("--database", default="", help="the URL of an empty PostgreSQL")
    return parser.parse_args(words)


@contextmanager
def _house(url: str) -> Iterator[House]:
    """A house that is served, by the wall clock, behind a proxy that is believed."""
    folder = Path(tempfile.mkdtemp(prefix="digest-sign-up-"))
    database = Database(url or f"sqlite:///{folder / 'digest.db'}")
    migrate.upgrade(database)
    made = dataclasses.replace(
        make_house(database, folder), clock=utc_now, trusted_proxies=("127.0.0.1/32",), settle_s=1.0
    )
    try:
        with served(made) as house:
            yield house
    finally:
        database.close()
        shutil.rmtree(folder, ignore_errors=True)


# ---------------------------------------------------------------- storm


async def _storms(house: House, count: int, networks: int) -> int:
    """One address, then many: bots that have learnt to wait like a person."""
    one = await _storm(house, ["victim@example.net"] * count, range(networks))
    sent = Counter(notice.address for notice in notices_of(house.database, "confirm"))
    print(f"{count:,} posts for one address from {networks:,} networks: {one}")
    print(f"  confirmation mails to it: {sent['victim@example.net']} (bar: 1)")
    others = range(networks, 2 * networks)
    many = await _storm(house, [f"victim{n}@gmail.com" for n in range(count)], others)
    in_all = len(notices_of(house.database, "confirm"))
    print(f"{count:,} posts for as many addresses: {many}")
    print(f"  confirmation mails in all: {in_all} (bar: at most {house.breaker})")
    return 0 if sent["victim@example.net"] == 1 and in_all <= house.breaker else 1


async def _storm(house: House, addresses: Sequence[str], networks: range) -> str:
    turn = itertools.count()
    codes: Counter[str] = Counter()
    begun = time.monotonic()

    async def attacker() -> None:
        async with httpx.AsyncClient(base_url=house.public_url, timeout=120) as client:
            while (n := next(turn)) < len(addresses):
                try:
                    answer = await client.post(
                        "/n/sunday/subscribe",
                        data=_filled(house, addresses[n]),
                        headers={"x-forwarded-for": _network(networks[n % len(networks)])},
                    )
                    codes[str(answer.status_code)] += 1
                except httpx.TransportError as error:  # told in the end: the storm goes on
                    codes[type(error).__name__] += 1

    await asyncio.gather(*(attacker() for _ in range(20)))
    took = time.monotonic() - begun
    await asyncio.sleep(3)
    signup.settle(house, now=house.clock())
    told = ", ".join(f"{status} {number:,} x" for status, number in sorted(codes.items()))
    return f"{told}; {len(addresses) / took:,.0f} a second"


def _filled(house: House, address: str) -> dict[str, str]:
    """Our page's own form, filled in at a person's pace."""
    form = door.form_of(house.schedule("sunday"), SPEECH)
    opened = house.clock() - forms.LEAST_FILL * 3
    return {"address": address, "stamp": forms.stamp(house.key, form, now=opened)}


def _network(number: int) -> str:
    """An address in the n-th /24."""
    return f"{100 + number // 65536 % 100}.{number // 256 % 256}.{number % 256}.9"


# ---------------------------------------------------------------- pairs


def _pairs(house: House, count: int) -> int:
    """Each other kind against new addresses, in a random order within each pair."""
    house_for_all = dataclasses.replace(house, breaker=10**9)
    worst = 0.0
    with (
        served(house_for_all) as made,
        httpx.Client(base_url=made.public_url, timeout=120) as client,
    ):
        for at, kind in enumerate(KINDS[1:]):
            known = _people(made, kind, count)
            worst = max(worst, _compared(client, made, kind, known, at * count))
    print(f"the largest difference of two medians: {worst:.2f} ms (bar: {MOST_MS:.0f})")
    return 0 if worst < MOST_MS else 1


def _compared(client: httpx.Client, house: House, kind: str, known: list[str], start: int) -> float:
    took: dict[str, list[float]] = {"new": [], kind: []}
    answers: set[tuple[object, ...]] = set()
    for n, address in enumerate(known):
        asks = [("new", f"new.{kind}{n}@gmail.com"), (kind, address)]
        random.shuffle(asks)
        for turn, (of, asked) in enumerate(asks):
            at = 2 * (start + n) + turn
            form, headers = _filled(house, asked), {"x-forwarded-for": _network(at)}
            begun = time.perf_counter()
            answer = client.post("/n/sunday/subscribe", data=form, headers=headers)
            took[of].append(time.perf_counter() - begun)
            told = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}
            answers.add((answer.status_code, answer.content, tuple(sorted(told.items()))))
    assert len(answers) == 1, f"{kind}: {len(answers)} different answers"
    medians = {of: statistics.median(times) * 1000 for of, times in took.items()}
    apart = abs(medians["new"] - medians[kind])
    print(
        f"{len(known)} pairs, new {medians['new']:.2f} ms, {kind} {medians[kind]:.2f} ms: "
        f"{apart:.2f} ms apart; status, headers and bytes alike"
    )
    return apart


def _people(house: House, kind: str, count: int) -> list[str]:
    """Readers who stand there."""
    found = [f"{kind}{n}@gmail.com" for n in range(count)]
    now = house.clock()
    with house.database.write() as session:
        for address in map(parse, found):
            hashed = tokens.address_hash(house.key, address.key)
            if kind == "suppressed":
                suppressions.add(session, hashed, reason="complaint", now=now)
                continue
            who = subscribers.ask(
                session, "sunday", address, address_hash=hashed, now=now, method="form"
            ).subscriber_id
            if kind != "pending":
                subscribers.confirm(session, who, "sunday", now=now, method="form")
            if kind == "left":
                subscribers.leave(session, who, "sunday", now=now, method="page")
    return found


# ---------------------------------------------------------------- api


def api(house: House, count: int, *phases: str, config: Path | None = None) -> int:
    """Every operation of the document, with data that fits it and data that does not; 0 where all is told."""
    with house.database.write() as session:
        _, token = api_tokens.make(session, "bench", set(Scope), by="bench", now=house.clock())
    words = [
        str(Path(sys.executable).with_name("schemathesis")),
        *(["--config-file", str(config)] if config else []),
        "run",
        f"{house.public_url}/api/openapi.json",
        f"--max-examples={count}",
        *phases,
        f"--checks={','.join(CHECKS)}",
        "--header",
        f"Authorization: Bearer {token}",
        "--continue-on-failure",
        "--no-color",
    ]
    return subprocess.run(words, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
