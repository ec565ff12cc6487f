"""The order of the week, measured: simulated weeks of known quality, and real sites' weeks without any sign.

    python -m bench.judgement.ranking [--weeks 1000] [--twins 4000] [--data ../shared/checks/data/news] [--plot FILE.svg]

Simulated: nDCG@10 of our order, of raw counts, of counts an hour, of views and of date, where gains are 15, 7, 3
and 1 for the best 5, 10, 25 and 50 % by true quality; and how often the twins of Monday and Saturday stand in the
first ten. Real (with --data, sets `hn` and `onp`): half of the development rows teach, the other half's weeks are
put in order without their counts, and the other way round; against date and the best single prior.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.judgement import plots, weeks
from bench.judgement.weeks import NOW, Numbers, Week
from digest import lines, signals
from digest.earlier_weeks import source_of
from digest.model import Storyline
from digest.rank import rank
from digest.rank_lines import learned, rank_lines
from digest.schedules import RankTable

Order = Callable[[Week], Numbers]
Row = Mapping[str, object]

#: What the rows' counts are called; never shown to a ranker.
_COUNTS = ("points", "comments", "shares")


def ours(week: Week) -> Numbers:
    scores = np.zeros(len(week.articles))
    singles = [Storyline(article, (article,)) for article in week.articles]
    for ranked in rank(singles, RankTable(), now=NOW):
        scores[ranked.storyline.lead.id - 1] = ranked.score
    return scores


def raw_counts(week: Week) -> Numbers:
    counts = (signals.views, signals.reactions, signals.comments)
    return np.array([math.fsum(count(a) or 0.0 for count in counts) for a in week.articles])


def per_hour(week: Week) -> Numbers:
    return np.asarray(raw_counts(week) / week.hours)


ORDERS: dict[str, Order] = {
    "ours": ours,
    "raw counts": raw_counts,
    "counts an hour": per_hour,
    "views": lambda week: week.views,
    "date": lambda week: -week.hours,
    "the truth known": Week.knowing,
}


def ndcg(quality: Numbers, scores: Numbers, at: int = 10) -> float:
    standing = np.argsort(np.argsort(-quality)) / len(quality)
    gains = np.select(
        [standing < 0.05, standing < 0.1, standing < 0.25, standing < 0.5], [15.0, 7.0, 3.0, 1.0]
    )
    discount = 1 / np.log2(np.arange(at) + 2)
    found = gains[np.argsort(-scores, kind="stable")[:at]] @ discount
    return float(found / (np.sort(gains)[::-1][:at] @ discount))


def simulated(count: int, world: weeks.World, seed: int) -> dict[str, float]:
    """Mean nDCG@10 of each order over so many weeks."""
    rng = np.random.default_rng(seed)
    found: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(count):
        week = weeks.week(rng, world)
        for name, order in ORDERS.items():
            found[name].append(ndcg(week.quality, order(week)))
    return {name: statistics.fmean(values) for name, values in found.items()}


def twins(count: int, world: weeks.World, seed: int) -> tuple[float, float]:
    """How often the twin of Monday and the one of Saturday stand in the first ten."""
    rng = np.random.default_rng(seed)
    found = np.zeros(2)
    for _ in range(count):
        week = weeks.week(rng, world, twins=True)
        first = set(np.argsort(-ours(week))[:10].tolist())
        found += [place in first for place in week.twins or ()]
    monday, saturday = found / count
    return float(monday), float(saturday)


# ---------------------------------------------------------------- real weeks, without signs


def real(path: Path) -> dict[str, float]:
    """nDCG@10 by week over both halves, for our order, date, and each single prior."""
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    drawn = random.Random(0)
    halves: tuple[list[Row], list[Row]] = ([], [])
    for row in rows:
        halves[drawn.random() < 0.5].append(row)
    found: defaultdict[str, list[float]] = defaultdict(list)
    for past, present in (halves, halves[::-1]):
        for name, scores in _scored(past, present).items():
            found[name] += _by_week(present, scores)
    return {name: 100 * statistics.fmean(values) for name, values in found.items()}


def _scored(past: Sequence[Row], present: Sequence[Row]) -> dict[str, dict[object, float]]:
    table = RankTable()
    bare = [{k: v for k, v in row.items() if k not in _COUNTS} for row in present]
    return {
        "ours": _answered(rank_lines(bare, table, learned(past, table))),
        "ours without earlier weeks": _answered(rank_lines(bare, table)),
        "date": {row["id"]: _when(row).timestamp() for row in present},
        "source": _prior(past, present, _host),
        "section": _prior(past, present, lambda row: str(row.get("channel", ""))),
    }


def _answered(answers: Iterable[Mapping[str, object]]) -> dict[object, float]:
    return {answer["id"]: float(str(answer["score"])) for answer in answers}


def _prior(
    past: Sequence[Row], present: Sequence[Row], trait: Callable[[Row], str]
) -> dict[object, float]:
    """The mean log of the counts of the same source or section, drawn to that of all."""
    seen: defaultdict[str, list[float]] = defaultdict(list)
    for row in past:
        seen[trait(row)].append(_log(row))
    mean = statistics.fmean(_log(row) for row in past)
    return {
        row["id"]: (sum(found := seen.get(trait(row), [])) + mean) / (len(found) + 1)
        for row in present
    }


def _by_week(rows: Sequence[Row], scores: Mapping[object, float]) -> Iterator[float]:
    """As `eval_rank.py` of the evaluation data has it: gains are logs of counts above the week's median."""
    by_week: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        by_week[_when(row).isocalendar()[:2]].append(row)
    for inside in by_week.values():
        if len(inside) < 30:
            continue
        middle = statistics.median(_log(row) for row in inside)
        gains = {row["id"]: _log(row) if _log(row) > middle else 0.0 for row in inside}
        ordered = sorted(gains, key=lambda one: -scores[one])
        best = _discounted(sorted(gains.values(), reverse=True))
        yield _discounted([gains[one] for one in ordered]) / best


def _discounted(gains: Sequence[float]) -> float:
    return math.fsum(gain / math.log2(n + 2) for n, gain in enumerate(gains[:10]))


def _log(row: Row) -> float:
    return math.log2(1 + float(str(row.get("points", row.get("shares", 0)))))


def _host(row: Row) -> str:
    from tests.articles import stored

    return source_of(stored(url=str(row.get("url", "")) or None))


def _when(row: Row):  # type: ignore[no-untyped-def]
    return lines.published_of(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=1000)
    parser.add_argument("--twins", type=int, default=4000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    plotted: dict[str, tuple[float, str]] = {}
    for name, world in weeks.WORLDS.items():
        began = time.perf_counter()
        found = simulated(given.weeks, world, seed=1)
        shown = "  ".join(f"{order} {value:.3f}" for order, value in found.items())
        plotted |= {f"{o}, {name}": (v, f"{v:.3f}") for o, v in found.items()}
        print(f"nDCG@10, {name}: {shown}  ({time.perf_counter() - began:.0f} s)", flush=True)
    if given.plot:
        plots.bars("Ranking: nDCG@10 of simulated weeks", plotted, given.plot)
    for name, world in weeks.WORLDS.items():
        monday, saturday = twins(given.twins, world, seed=2)
        print(f"in the first ten, {name}: Monday {monday:.1%}, Saturday {saturday:.1%}", flush=True)
    for one in ("hn", "onp") if given.data else ():
        shown = "  ".join(f"{n} {v:.1f}" for n, v in real(given.data / one / "dev.jsonl").items())
        print(f"nDCG@10 x 100 by week, {one}: {shown}", flush=True)


if __name__ == "__main__":
    main()
