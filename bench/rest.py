"""The API against its own document, and under many at once: `python bench/rest.py contract | keys | pages | hooks`.

contract: schemathesis over every operation of `/api/openapi.json`, twice: with what it makes up, and with numbers and names
that are there, so that it reaches what lies behind them. keys: 1,000 calls, each sent ten times at once with one key: how
many were done twice. pages: 20,000 readers walked by pages while others come: each once. hooks: what 1,000 webhook events
cost the transactions that they are written in, and how long a look takes at listeners that hang. All against a real server on this machine, and a new database.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx

from bench import postgres, sign_up
from digest import logs
from digest.audience import tokens
from digest.audience.addresses import parse
from digest.bootstrap import House, utc_now
from digest.hooks import delivering, managing
from digest.hooks.managing import Actor
from digest.model import HookKind, Scope
from digest.store import api_tokens, hooks, import_log, migrate, subscribers
from digest.store.engine import Database
from tests.houses import make_house
from tests.web.people import PERIOD, put_draft
from tests.web.served import served

#: Names and numbers that are there, for schemathesis.
LIVE = f"""
[parameters]
"path.newsletter" = "sunday"
"path.period" = "{PERIOD}"
"path.reader" = [1, 2, 3]
"path.article" = [1, 2]
"path.webhook" = [1, 2]
"path.delivery" = [1, 2]
"path.source" = "desk"
"""


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("contract", "keys", "pages", "hooks"))
    parser.add_argument("--count", type=int, help="examples, calls, readers or events")
    parser.add_argument("--database", default="", help="the URL of an empty PostgreSQL")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    asked = parser.parse_args(words)
    logs.set_up("CRITICAL")
    with ExitStack() as stack:
        url = stack.enter_context(postgres.started()) if asked.postgres else asked.database
        house = stack.enter_context(_house(url))
        if asked.what == "contract":
            return contract(house, asked.count or 50)
        if asked.what == "hooks":
            return costs(house, asked.count or 1000)
        with served(house) as there:
            work = (
                keys(there, asked.count or 1000)
                if asked.what == "keys"
                else pages(there, asked.count or 20_000)
            )
            return asyncio.run(work)


@contextmanager
def _house(url: str) -> Iterator[House]:
    """A house with a draft, a few readers and two webhooks."""
    with tempfile.TemporaryDirectory() as place:
        database = Database(url or f"sqlite:///{place}/digest.db")
        migrate.upgrade(database)
        made = make_house(database, Path(place))
        put_draft(made)
        _join(made, [f"reader{number}@gmail.com" for number in range(5)])
        for number in range(2):
            actor = Actor(made, "bench")
            hook, _ = managing.add(actor, "sunday", f"https://x.example/{number}", set(HookKind))
            managing.try_it(actor, hook)
        yield dataclasses.replace(made, clock=utc_now, api_per_minute=100_000)
        database.close()


def _join(house: House, raw: Sequence[str]) -> None:
    with house.database.write() as session:
        for address in map(parse, raw):
            hashed = tokens.address_hash(house.key, address.key)
            more = {"address_hash": hashed, "now": house.clock(), "method": "form"}
            who = subscribers.ask(session, "sunday", address, **more).subscriber_id
            subscribers.confirm(session, who, "sunday", now=house.clock(), method="form")


def _headers(house: House) -> dict[str, str]:
    with house.database.write() as session:
        _, secret = api_tokens.make(session, "bench", set(Scope), by="bench", now=house.clock())
    return {"authorization": f"Bearer {secret}"}


# ---------------------------------------------------------------- contract


def contract(house: House, count: int) -> int:
    """0 where every answer is one that the document tells."""
    with served(house) as there, tempfile.TemporaryDirectory() as place:
        made_up = sign_up.api(there, count)
        file = Path(place) / "schemathesis.toml"
        file.write_text(LIVE, encoding="utf-8")
        return made_up or sign_up.api(there, count, config=file)


# ---------------------------------------------------------------- keys


async def keys(house: House, count: int) -> int:
    """Each call ten times at once under one key: done as many times as there are keys."""
    body = {"consent": "They ticked the box at the till of our shop."}
    limits = httpx.Limits(max_connections=40)
    seen: Counter[int] = Counter()
    async with httpx.AsyncClient(
        base_url=house.public_url, headers=_headers(house), limits=limits, timeout=120
    ) as client:
        for number in range(count):
            given = body | {
                "newsletter": "sunday",
                "readers": [{"address": f"k{number}@gmail.com"}],
            }
            named = {"idempotency-key": f"key-{number}"}
            calls = (client.post("/api/v1/imports", json=given, headers=named) for _ in range(10))
            seen.update(one.status_code for one in await asyncio.gather(*calls))
    with house.database.read() as session:
        done = len(import_log.newest(session, limit=10 * count))
    print(f"{count} calls, ten times each: answers {dict(seen)}; done {done} times")
    return 0 if done == count and set(seen) <= {200, 409} else 1


# ---------------------------------------------------------------- pages


async def pages(house: House, count: int) -> int:
    """Every reader once, though others come between the pages."""
    _join(house, [f"p{number}@gmail.com" for number in range(count)])
    found: Counter[int] = Counter()
    times, path, late = [], "/api/v1/readers?limit=200", 0
    async with httpx.AsyncClient(base_url=house.public_url, headers=_headers(house)) as client:
        while path:
            begun = time.perf_counter()
            answer = await client.get(path, timeout=60)
            times.append(time.perf_counter() - begun)
            found.update(one["reader"] for one in answer.json()["items"])
            path = answer.links.get("next", {}).get("url", "")
            late += 1
            _join(house, [f"late{late}@gmail.com"])
    twice = [one for one, times_ in found.items() if times_ > 1]
    missing = set(range(1, count + 6)) - found.keys()
    middle = statistics.median(times) * 1000
    print(f"{len(found)} readers on {len(times)} pages, {middle:.0f} ms each (median);", end=" ")
    print(f"missing {len(missing)}, twice {len(twice)}; {late} came meanwhile")
    return 1 if twice or missing else 0


# ---------------------------------------------------------------- hooks


def costs(house: House, count: int) -> int:
    """What telling a webhook costs who confirms, and that a listener which hangs costs nothing but its own time."""
    spent = {}
    for name, is_on in (("without", False), ("with two webhooks", True)):
        with house.database.read() as session:
            every = hooks.all(session)
        for hook in every:
            managing.change(Actor(house, "bench"), hook, on=is_on)
        begun = time.perf_counter()
        _join(house, [f"{name[:6]}{number}@gmail.com".replace(" ", "") for number in range(count)])
        spent[name] = (time.perf_counter() - begun) / count * 1e6
    print(", ".join(f"{name}: {micros:.0f} µs a reader" for name, micros in spent.items()))

    def hangs(url: str, body: bytes, **given: object) -> tuple[int, float | None]:
        time.sleep(0.5)
        return 504, None

    begun = time.perf_counter()
    delivering.deliver(house, post=hangs)
    looked = time.perf_counter() - begun
    with house.database.read() as session:
        state = {one.id: one.state.value for one in hooks.all(session)}
    print(f"a look at two listeners that hang for 0.5 s: {looked:.2f} s; {state}")
    return 0 if looked < 5 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
