"""From the store to the composed issue: how long it takes, and how memory grows with the week.

    python -m bench.judgement.issues [--stories 200 2000]

Each week has a database and a process of its own: articles of some 300 words about events of one to four articles,
drawn from made-up words, are saved; then the draft is made as `digest build` makes it. The peak is of the whole
process, the growth what it is above the peak before the draft; of the child that summarises beside it, what it holds
alone and its part of what it shares. Processor seconds are of both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import measure
from digest import drafting
from digest.model import Engagement, IncomingArticle
from digest.store import articles, issues, migrate
from digest.store.engine import Database
from tests.articles import incoming
from tests.houses import MONDAY, SUNDAY, make_house

WORDS = 300


def week(stories: int, seed: int = 1) -> Iterator[tuple[IncomingArticle, dt.datetime]]:
    """So many articles with the hour of each."""
    rng = random.Random(seed)
    language = [
        "".join(rng.choices("aeioumnrstlkdpbg", k=rng.randint(3, 9))) for _ in range(20_000)
    ]
    made = 0
    while made < stories:
        names = [word.title() for word in rng.sample(language, 6)]
        matter = rng.sample(language, 40)
        for _ in range(min(rng.choice((1, 1, 1, 1, 2, 4)), stories - made)):
            made += 1
            hours = rng.uniform(0, 130)
            text = " ".join(_sentence(rng, names, matter, language) for _ in range(WORDS // 15))
            yield (
                incoming(
                    f"{rng.choice(names)} {rng.choice(matter)} {rng.choice(names)} {made}",
                    source="desk",
                    text=text,
                    section=f"Section {rng.randint(1, 8)}",
                    authors=(f"Author {rng.randint(1, 30)}",),
                    engagement=(Engagement("views", float(rng.randint(0, 3000))),),
                ),
                MONDAY + dt.timedelta(hours=hours),
            )


def _sentence(rng: random.Random, names: list[str], matter: list[str], language: list[str]) -> str:
    words = [*rng.sample(names, 2), *rng.sample(matter, 4), *rng.choices(language, k=9)]
    rng.shuffle(words)
    return " ".join(words).capitalize() + "."


def run(stories: int) -> None:
    """One week in this process."""
    with tempfile.TemporaryDirectory() as folder:
        house = make_house(Database(f"sqlite:///{folder}/week.sqlite3"), Path(folder))
        migrate.ensure(house.database)
        moments = house.schedule("sunday").calendar.moments(SUNDAY)
        with house.database.write() as session:
            issues.open_issue(session, "sunday", moments, now=MONDAY)
            for article, at in week(stories):
                articles.save(session, article, now=at)
        with house.database.read() as session:
            issue = issues.recent(session, "sunday", limit=1)[0]
        before, wall, cpu = _peak(), time.perf_counter(), time.process_time()
        beside = measure.Children()
        beside.start()
        drafting.draft(house, issue, now=moments.draft_at)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        share = beside.end()
        child_s = measure.cpu_s(resource.RUSAGE_CHILDREN)
        with house.database.read() as session:
            content = issues.by_id(session, issue.id).content
        assert content is not None and content.coverage.adds_up  # noqa: PT018
        print(
            f"{stories:,} stories: {wall:.1f} s, {cpu + child_s:.1f} s of CPU; {len(content.stories):,} told;"
            f" peak {_peak():.0f} MB, {_peak() - before:.0f} MB of it for the draft; its child {child_s:.1f} s and {share:.0f} MB",
            flush=True,
        )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        run(given.stories[0])
        return
    for stories in given.stories:
        code = [sys.executable, "-m", "bench.judgement.issues", "--here", "--stories", str(stories)]
        subprocess.run(code, check=True)  # noqa: S603


if __name__ == "__main__":
    main()
