"""Storylines, measured: ours against single link and average link over plain TF-IDF; quality and speed.

    python -m bench.judgement.storylines ../shared/checks/data/news [--plot FILE.svg]

B-cubed precision, recall and F1 on the development half of `mixed_week`, `ecbplus` and `uci_headlines`, ours with
its one setting. A peer's threshold is the one that serves the first two sets best, so it is flattered. Then the
fifty pairs of tests/house_style.toml: how many are joined, pair by pair and all in one week. Then seconds.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.judgement import plots
from digest import likeness, storylines, words
from digest.model import Article
from tests.articles import stored

SETS = ("mixed_week", "ecbplus", "uci_headlines")
THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
PAIRS = Path(__file__).parents[2] / "tests" / "house_style.toml"

Texts = Sequence[tuple[str, str]]
Labels = list[int]
Results = Sequence[tuple[float, float, float]]
Matrix = NDArray[np.float64]


def ours(texts: Texts) -> Labels:
    read = [likeness.read(title, text, None) for title, text in texts]
    labels = [0] * len(texts)
    for number, places in enumerate(storylines._groups(read)):
        for place in places:
            labels[place] = number
    return labels


def single_link(texts: Texts, threshold: float) -> Labels:
    labels = list(range(len(texts)))
    for part in likeness.connected(_tfidf(texts) >= threshold):
        for place in part:
            labels[place] = part[0]
    return labels


def average_link(texts: Texts, threshold: float) -> Labels:
    mean = _tfidf(texts)
    labels, sizes = np.arange(len(texts)), np.ones(len(texts))
    while True:
        one, other = divmod(int(mean.argmax()), len(mean))
        if mean[one, other] < threshold:
            return labels.tolist()
        joined = (mean[one] * sizes[one] + mean[other] * sizes[other]) / (sizes[one] + sizes[other])
        mean[one], mean[:, one] = joined, joined
        mean[other], mean[:, other], mean[one, one] = -1.0, -1.0, -1.0
        sizes[one] += sizes[other]
        labels[labels == other] = one


def _tfidf(texts: Texts) -> Matrix:
    found = [Counter(words.matter(f"{title} {text}")) for title, text in texts]
    having = Counter(stem for one in found for stem in one)
    number = {stem: n for n, stem in enumerate(having)}
    table = np.zeros((len(texts), len(number)), dtype=np.float32)
    for place, one in enumerate(found):
        for stem, n in one.items():
            table[place, number[stem]] = (1 + math.log(n)) * math.log(len(texts) / having[stem])
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
    like = (table @ table.T).astype(float)
    np.fill_diagonal(like, -1.0)
    return np.asarray(like)


def bcubed(gold: Sequence[str], labels: Labels) -> tuple[float, float, float]:
    right = Counter(zip(gold, labels, strict=True))
    golds, found = Counter(gold), Counter(labels)
    pairs = list(zip(gold, labels, strict=True))
    precision = float(np.mean([right[pair] / found[pair[1]] for pair in pairs]))
    recall = float(np.mean([right[pair] / golds[pair[0]] for pair in pairs]))
    return precision, recall, 2 * precision * recall / (precision + recall)


def _shown(name: str, results: Results) -> None:
    scores = "  ".join(
        f"{one} {p:.3f}/{r:.3f}/{f:.3f}" for one, (p, r, f) in zip(SETS, results, strict=True)
    )
    print(f"{name:<28} {scores}", flush=True)


def _peer(
    name: str, link: Callable[[Texts, float], Labels], sets: Sequence[tuple[list[str], Texts]]
) -> Results:
    tried = {
        threshold: [bcubed(gold, link(texts, threshold)) for gold, texts in sets]
        for threshold in THRESHOLDS
    }
    best = max(tried, key=lambda threshold: sum(f for _, _, f in tried[threshold][:2]))
    _shown(f"{name}, {best}", tried[best])
    return tried[best]


def plot(results: Mapping[str, Results], path: Path) -> None:
    """A bar a method: the mean F1 of the sets, each one in words."""
    said = {}
    for name, found in results.items():
        each = ", ".join(f"{one} {f:.3f}" for one, (_, _, f) in zip(SETS, found, strict=True))
        said[name] = (float(np.mean([f for _, _, f in found])), each)
    plots.bars("Storylines: B-cubed F1", said, path)


def _pairs() -> None:
    pairs = tomllib.loads(PAIRS.read_text("utf-8"))["pair"]
    told = [[(a["title"], a["text"]) for a in pair["article"]] for pair in pairs]
    joined = sum(len(set(ours(pair))) == 1 for pair in told)
    week = [one for pair in told for one in pair]
    print(
        f"{len(pairs)} pairs told alike: {joined} joined one by one, "
        f"{len(week) - len(set(ours(week)))} of all in one week"
    )


def _speed(texts: Texts, count: int) -> None:
    week: list[Article] = [
        stored(texts[n % len(texts)][0], id=n + 1, text=texts[n % len(texts)][1])
        for n in range(count)
    ]
    wall, cpu = time.perf_counter(), time.process_time()
    found = storylines.group(week)
    print(
        f"{count:,} stories to {len(found):,} storylines: {time.perf_counter() - wall:.2f} s, "
        f"{time.process_time() - cpu:.2f} s of CPU"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="Folder of the evaluation sets.")
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    sets: list[tuple[list[str], Texts]] = []
    for name in SETS:
        rows = [
            json.loads(line) for line in (given.data / name / "dev.jsonl").open(encoding="utf-8")
        ]
        sets.append(
            ([row["cluster"] for row in rows], [(row["title"], row["text"]) for row in rows])
        )
    print("B-cubed precision/recall/F1")
    results: dict[str, Results] = {"ours": [bcubed(gold, ours(texts)) for gold, texts in sets]}
    _shown("ours", results["ours"])
    for name, link in (
        ("single link, TF-IDF", single_link),
        ("average link, TF-IDF", average_link),
    ):
        results[name] = _peer(name, link, sets)
    if given.plot:
        plot(results, given.plot)
    _pairs()
    every = [one for _, texts in sets[:2] for one in texts]
    for path in sorted(given.data.glob("*/dev.jsonl")):
        if path.parent.name in ("xsum", "inshorts", "cnndm_val"):
            rows = [json.loads(line) for line in path.open(encoding="utf-8")]
            every += [(row.get("title") or "", row["text"]) for row in rows]
    for count in (200, 2000):
        _speed(every, count)


if __name__ == "__main__":
    main()
