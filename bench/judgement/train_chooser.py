"""Train the sentence chooser: articles with people's summaries in, `digest/summarisers/chooser.json` out.

    python -m bench.judgement.train_chooser --check NAME=FILE.jsonl …     cross-validated figures
    python -m bench.judgement.train_chooser --write NAME=FILE.jsonl …     new numbers for the package

Each line of a file is {"id","title","text","summary"}. Names that share what stands before an underscore
(`cnn_a`, `cnn_b`) are of one outlet: `--check` leaves out each outlet in turn as well. It needs the
extra `judge` (scipy, rouge-score). The texts stay where they are: only the numbers go into the package.

Three steps. The chance of each word to stand in the summary, and that of each pair of words, by logistic
regression; then weights of the measures of a set, so that the set chosen has the best ROUGE on the mean
(the expected ROUGE of a soft choice is made as large as can be). The chances that the third step learns
from are of articles that the first two have not seen.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bench.judgement import rouge
from digest import words
from digest.protocols import SummaryLimits
from digest.sentences import split
from digest.summarisers import chooser
from digest.summarisers.extractive import HORIZON
from digest.summarisers.reading import PAIR_MEASURES, WORD_MEASURES, Reading
from digest.summarisers.units import read_units

LIMITS = SummaryLimits(sentences=3, words=75)
TARGET = Path(chooser.__file__).with_name("chooser.json")
#: Pulls the weights of sets towards nothing; the bias and the chances are pulled far less.
PULL, CHANCE_PULL = 0.03, 5e-6
FOLDS, INNER = 5, 4


@dataclass
class Sample:
    """An article with what is needed to learn from it. rewards: the ROUGE of each set."""

    name: str
    reading: Reading
    candidates: chooser.Candidates
    word_hits: Any
    pair_hits: Any
    rewards: Any
    lead: float
    barred: Any

    @property
    def outlet(self) -> str:
        return self.name.split("_")[0]


def sample_of(name: str, row: Mapping[str, str]) -> Sample | None:
    """None where no set of sentences fits."""
    text = row["text"][:HORIZON]
    units = read_units(row["title"], text, LIMITS)
    sets = chooser.sets_of(units, LIMITS)
    if not sets:
        return None
    texts = [unit.text for unit in units]
    reading, reference = Reading(row["title"], texts), rouge.Reference(row["summary"])
    told = [u for w in words.tokens(row["summary"]) for u in words.shared_units(w)]
    pairs, names = set(pairwise(told)), reading.words
    near = {place: rouge.tokens(texts[place]) for place in sets.near.tolist()}
    candidates = chooser.Candidates(reading, sets)
    lead = rouge.tokens(" ".join(s.text for s in split(row["text"])[:3]))
    return Sample(
        name=name,
        reading=reading,
        candidates=candidates,
        word_hits=np.isin(names, told),
        pair_hits=np.array([(names[a], names[b]) in pairs for a, b in reading.pairs], dtype=bool),
        rewards=np.array(
            [
                reference.mean([w for p in sets.chosen(row) for w in near[p]])
                for row in range(len(sets))
            ]
        ),
        lead=reference.mean(lead),
        barred=candidates.barred(units),
    )


# ---------------------------------------------------------------- learning


def _least(function: Any, size: int, rounds: int) -> Any:
    options = {"maxiter": rounds}
    return minimize(function, np.zeros(size), jac=True, method="L-BFGS-B", options=options).x


def chance_weights(rows: Any, hits: Any, weights: Any) -> Any:
    """Logistic regression; the bias is last."""
    mean, spread = rows.mean(0), rows.std(0) + 1e-6
    scaled = np.hstack([(rows - mean) / spread, np.ones((len(rows), 1))])
    weights = weights / weights.sum()

    def loss(b: Any) -> tuple[float, Any]:
        chance = np.clip(1 / (1 + np.exp(-(scaled @ b))), 1e-9, 1 - 1e-9)
        missed = -(weights * np.where(hits, np.log(chance), np.log(1 - chance))).sum()
        free = np.append(b[:-1], 0)
        gradient = scaled.T @ (weights * (chance - hits)) + 2 * CHANCE_PULL * free
        return missed + CHANCE_PULL * (free**2).sum(), gradient

    found = _least(loss, scaled.shape[1], 60)
    plain = found[:-1] / spread
    return np.append(plain, found[-1] - plain @ mean)


def set_weights(tables: Sequence[Any], rewards: Sequence[Any], weights: Any) -> Any:
    """The weights by which a soft choice of one set a table has the greatest reward on the mean."""
    rows, got = np.vstack(tables), np.concatenate([r - r.mean() for r in rewards])
    spread = rows.std(0) + 1e-6
    scaled, weights = rows / spread, weights / weights.sum()
    sizes = [len(table) for table in tables]
    begins, owner = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(sizes)), sizes)

    def loss(b: Any) -> tuple[float, Any]:
        score = scaled @ b
        share = np.exp(score - np.maximum.reduceat(score, begins)[owner])
        share /= np.add.reduceat(share, begins)[owner]
        expected = np.add.reduceat(share * got, begins)
        gradient = scaled.T @ (share * (got - expected[owner]) * weights[owner])
        return PULL * (b**2).sum() - 100 * (expected * weights).sum(), 2 * PULL * b - 100 * gradient

    return _least(loss, rows.shape[1], 150) / spread


def balance(samples: Sequence[Sample]) -> Any:
    """A weight an article, so that each file counts the same."""
    names = [sample.name for sample in samples]
    return np.array([1 / names.count(name) for name in names])


def learn_chances(samples: Sequence[Sample]) -> tuple[Any, Any]:
    each = balance(samples)
    of_words = chance_weights(
        np.vstack([s.reading.word_measures for s in samples]),
        np.concatenate([s.word_hits for s in samples]),
        np.repeat(each, [len(s.word_hits) for s in samples]),
    )
    chances = [_chances(s, of_words) for s in samples]
    of_pairs = chance_weights(
        np.vstack([s.reading.pair_measures(c) for s, c in zip(samples, chances, strict=True)]),
        np.concatenate([s.pair_hits for s in samples]),
        np.repeat(each, [len(s.pair_hits) for s in samples]),
    )
    return of_words, of_pairs


def _chances(sample: Sample, of_words: Any) -> Any:
    return 1 / (1 + np.exp(-(sample.reading.word_measures @ of_words[:-1] + of_words[-1])))


def table_of(sample: Sample, of_words: Any, of_pairs: Any) -> Any:
    weights = chooser.Weights(of_words, of_pairs, np.zeros(0))
    return sample.candidates.measures(*chooser.chances(sample.reading, weights))


def learn(samples: Sequence[Sample], *, seed: int = 7) -> chooser.Weights:
    """All three steps; the third learns from chances of articles that the first two did not see."""
    part = np.random.default_rng(seed).integers(0, INNER, len(samples))
    tables: dict[int, Any] = {}
    for fold in range(INNER):
        seen = [s for s, p in zip(samples, part, strict=True) if p != fold]
        found = learn_chances(seen)
        tables |= {i: table_of(samples[i], *found) for i in np.flatnonzero(part == fold)}
    ordered = [tables[i] for i in range(len(samples))]
    of_sets = set_weights(ordered, [s.rewards for s in samples], balance(samples))
    return chooser.Weights(*learn_chances(samples), of_sets)


# ---------------------------------------------------------------- checking


def gains(samples: Iterable[Sample], weights: chooser.Weights) -> list[tuple[str, float]]:
    """Each article's set name and what it gains over its first three sentences, in points."""
    found = []
    for sample in samples:
        scores = table_of(sample, weights.word, weights.pair) @ weights.set
        scores[sample.barred] = -np.inf
        found.append((sample.name, 100 * (sample.rewards[int(np.argmax(scores))] - sample.lead)))
    return found


def check(samples: Sequence[Sample]) -> None:
    """Print what is gained on articles, and on outlets, that were not learnt from."""
    for seed in (1, 2):
        fold = np.random.default_rng(seed).integers(0, FOLDS, len(samples))
        found: list[tuple[str, float]] = []
        for number in range(FOLDS):
            seen = [s for s, f in zip(samples, fold, strict=True) if f != number]
            unseen = [s for s, f in zip(samples, fold, strict=True) if f == number]
            found += gains(unseen, learn(seen))
        report(f"articles not seen (seed {seed})", found)
    found = []
    for outlet in sorted({s.outlet for s in samples}):
        weights = learn([s for s in samples if s.outlet != outlet])
        found += gains([s for s in samples if s.outlet == outlet], weights)
    report("outlets not seen", found)


def report(title: str, found: Sequence[tuple[str, float]]) -> None:
    """The mean of the files' means, with its interval (bootstrap over articles), and each file's."""
    by_name = {name: np.array([g for n, g in found if n == name]) for name, _ in found}
    rng = np.random.default_rng(13)
    again = [g[rng.integers(0, len(g), (2000, len(g)))].mean(1) for g in by_name.values()]
    low, high = np.percentile(np.mean(again, axis=0), [2.5, 97.5])
    mean = np.mean([g.mean() for g in by_name.values()])
    each = ", ".join(f"{name} {g.mean():+.2f}" for name, g in sorted(by_name.items()))
    print(f"{title}: {mean:+.2f} [{low:+.2f}, {high:+.2f}] over Lead-3; {each}", flush=True)


def write(weights: chooser.Weights, path: Path) -> None:
    """With four significant figures: more would not be known."""
    tables = {
        "word": zip((*WORD_MEASURES, "bias"), weights.word, strict=True),
        "pair": zip((*PAIR_MEASURES, "bias"), weights.pair, strict=True),
        "set": zip(chooser.SET_MEASURES, weights.set, strict=True),
    }
    rounded = {key: {n: float(f"{w:.4g}") for n, w in table} for key, table in tables.items()}
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="NAME=FILE.jsonl")
    parser.add_argument("--check", action="store_true", help="cross-validate")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    given = parser.parse_args()
    samples: list[Sample] = []
    for entry in given.files:
        name, _, path = entry.partition("=")
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        found = [sample_of(name, json.loads(line)) for line in lines]
        samples += [sample for sample in found if sample]
        print(f"{name}: {len(lines)} articles", file=sys.stderr, flush=True)
    if given.check:
        check(samples)
    if given.write:
        write(learn(samples), TARGET)


if __name__ == "__main__":
    main()
