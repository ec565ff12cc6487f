"""Our summaries against others': quality and articles a second, in one run, with a plot.

    python -m bench.judgement.summaries NAME=FILE.jsonl … [--plot FILE.svg] [--limit 100] [--json FILE]
    python -m bench.judgement.summaries --made-up 200     (the speed alone, of articles that never were)

Each line of a file is {"id","title","text","summary"}. Peers that are installed take part: the methods of sumy
and the summary of newspaper4k (extra `judge`; both want NLTK's data). Lead-2, Lead-3 and the TF-IDF centroid need nothing. Quality is
the mean of ROUGE-1, -2 and -L (F1, with stemming); the speed is of one core, without the start.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.judgement import plots, rouge
from bench.made_up import Site
from bench.measure import keep
from digest import words
from digest.protocols import SummaryLimits
from digest.sentences import split
from digest.summarisers.extractive import ExtractiveSummariser

#: (title, text) → summary.
Teller = Callable[[str, str], str]
SUMY = {
    "lex_rank": "LexRankSummarizer",
    "text_rank": "TextRankSummarizer",
    "lsa": "LsaSummarizer",
    "luhn": "LuhnSummarizer",
    "kl": "KLSummarizer",
    "sum_basic": "SumBasicSummarizer",
    "reduction": "ReductionSummarizer",
    "edmundson": "EdmundsonSummarizer",
    "random": "RandomSummarizer",
}


def lead(count: int) -> Teller:
    """The first sentences."""
    return lambda title, text: " ".join(s.text for s in split(text)[:count])


def ours(title: str, text: str) -> str:
    return ExtractiveSummariser().summarise(title, text, SummaryLimits()).text


def sumy(module: str, name: str) -> Teller:
    """One method of sumy, three sentences. Raises ImportError or LookupError where it cannot run."""
    parser = importlib.import_module("sumy.parsers.plaintext").PlaintextParser
    tokenizer = importlib.import_module("sumy.nlp.tokenizers").Tokenizer("english")
    method = getattr(importlib.import_module(f"sumy.summarizers.{module}"), name)()

    def tell(title: str, text: str) -> str:
        document = parser.from_string(text, tokenizer).document
        if (
            module == "edmundson"
        ):  # what its authors call bonus words, from the title, and stigma and null words
            method.bonus_words = words.matter(title) or ("news",)
            method.stigma_words, method.null_words = ("hardly", "impossible"), tuple(words.STOP)
        return " ".join(str(sentence) for sentence in method(document, 3))

    return tell


def centroid(title: str, text: str) -> str:
    """The three sentences nearest to the middle of the article's own TF-IDF, one saying nothing twice, in order."""
    found = [s.text for s in split(text)]
    rows = [Counter(words.matter(sentence)) for sentence in found]
    having = Counter(stem for row in rows for stem in row)
    weights = [{w: n * math.log(1 + len(rows) / having[w]) for w, n in row.items()} for row in rows]
    middle: Counter[str] = Counter()
    for row in weights:
        middle.update(row)
    order = sorted(range(len(found)), key=lambda n: -_cosine(weights[n], middle))
    chosen: list[int] = []
    for place in order:
        if len(chosen) < 3 and all(_cosine(weights[place], weights[c]) < 0.7 for c in chosen):
            chosen.append(place)
    return " ".join(found[place] for place in sorted(chosen))


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    return sum(w * other.get(stem, 0.0) for stem, w in one.items()) / (lengths or 1.0)


def newspaper() -> Teller:
    """newspaper4k, three sentences."""
    nlp = importlib.import_module("newspaper.nlp")
    common = importlib.import_module("newspaper.text").StopWords("en")

    def tell(title: str, text: str) -> str:
        return " ".join(nlp.summarize(title or "News", text, common, max_sents=3))

    return tell


def tellers() -> dict[str, Teller]:
    """Ours, the leads, and whatever peer is installed."""
    found: dict[str, Teller] = {"ours": ours, "lead-2": lead(2), "lead-3": lead(3)}
    found["TF-IDF centroid"] = centroid
    peers = {f"sumy {m}": (lambda m=m, n=n: sumy(m, n)) for m, n in SUMY.items()}
    for name, make in {**peers, "newspaper4k": newspaper}.items():
        try:
            found[name] = make()
            found[name]("Title", "The ferry left. It came back. It left again. All was well.")
        except Exception as error:
            print(f"{name}: left out ({type(error).__name__})")
    return found


def measure(tell: Teller, rows: list[dict[str, str]]) -> tuple[float, float]:
    """(the mean score in points, nought without summaries to hold it against; articles a second of processor time)."""
    begun = time.process_time()
    told = [tell(row["title"], row["text"]) for row in rows]
    seconds = time.process_time() - begun
    speed = len(rows) / max(seconds, 1e-9)
    if not rows[0].get("summary"):
        return 0.0, speed

    scores = [
        rouge.Reference(row["summary"]).mean(rouge.tokens(text))
        for row, text in zip(rows, told, strict=True)
    ]
    return 100 * statistics.fmean(scores), speed


def plot(results: dict[str, tuple[float, float]], path: Path) -> None:
    """Quality as bars, best first, with the speed in words."""
    said = {
        name: (score, f"{score:.2f} · {speed:,.0f} a second")
        for name, (score, speed) in results.items()
    }
    plots.bars("Summaries: mean ROUGE, articles a second", said, path)


def made_up_rows(count: int) -> list[dict[str, str]]:
    """Articles that never were, and that nobody summarised."""
    made = Site().week(count, dt.datetime(2026, 11, 23, tzinfo=dt.UTC))
    return [{"title": one.article.title, "text": one.article.text} for one in made]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="NAME=FILE.jsonl")
    parser.add_argument("--made-up", type=int, default=0, metavar="ARTICLES")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="articles a file")
    given = parser.parse_args()
    sets: dict[str, list[dict[str, str]]] = {}
    for entry in given.files:
        name, _, path = entry.partition("=")
        rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
        sets[name] = rows[: given.limit] if given.limit else rows
    if given.made_up:
        sets["made up"] = made_up_rows(given.made_up)
    results: dict[str, tuple[float, float]] = {}
    for name, tell in tellers().items():
        found = {one: measure(tell, rows) for one, rows in sets.items()}
        score = statistics.fmean(score for score, _ in found.values())
        results[name] = (score, min(speed for _, speed in found.values()))
        each = ", ".join(f"{one} {score:.2f}" for one, (score, _) in found.items())
        print(
            f"{name}: {score:.2f} ({each}); {results[name][1]:,.0f} articles a second", flush=True
        )
    keep(given.json, made_up=bool(given.made_up), told=results)
    if given.plot:
        plot(results, given.plot)


if __name__ == "__main__":
    main()
