"""How many copies of articles are known: `python bench/duplicates.py FILE.jsonl … [--articles 300]`.

Each FILE holds articles as JSON lines with a "text". Of each article six variants are made: a footer added, cut
to 60 %, every fifth word changed, a new title, an excerpt of 80 words, and half of its sentences rewritten.
All go through `collect.select` as one week: a variant counts as joined where it and its original end up as one.
False are originals that are joined with another one; those that were joined are shown, since sets of news hold
true copies of one agency's report. Without FILE, articles are made of random words.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from digest.collect import select
from digest.model import Article, ArticleId, Window
from digest.schedules import CollectTable

START = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
WEEK = Window(START, START + dt.timedelta(days=7))
RULES = CollectTable(min_words=5)
LEAST = 150
CHANCE = random.Random(7)
Make = Callable[[str, list[str]], str]


def texts(files: list[Path], most: int) -> list[str]:
    """Articles of at least `LEAST` words, each once, mixed."""
    found = dict.fromkeys(_made(most) if not files else _read(files))
    chosen = list(found)
    CHANCE.shuffle(chosen)
    return chosen[:most]


def _read(files: list[Path]) -> Iterator[str]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            text = str(json.loads(line).get("text") or "")
            if len(text.split()) >= LEAST:
                yield text


def _made(count: int) -> Iterator[str]:
    words = ["".join(CHANCE.choices("aeioulmnrst", k=CHANCE.randint(2, 9))) for _ in range(4_000)]
    weights = [1 / (rank + 5) for rank in range(len(words))]
    for _ in range(count):
        sentences = (
            " ".join(CHANCE.choices(words, weights, k=CHANCE.randint(8, 24))) + "."
            for _ in range(CHANCE.randint(12, 40))
        )
        yield " ".join(sentences)


def _sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?])\s+", text) if one]


def footer(text: str, words: list[str]) -> str:
    return text + "\n\n" + " ".join(CHANCE.choices(words, k=60))


def cut(text: str, words: list[str]) -> str:
    return " ".join(text.split()[: len(text.split()) * 6 // 10])


def edits(text: str, words: list[str]) -> str:
    return " ".join(
        CHANCE.choice(words) if CHANCE.random() < 0.2 else word for word in text.split()
    )


def new_title(text: str, words: list[str]) -> str:
    return text


def excerpt(text: str, words: list[str]) -> str:
    return " ".join(text.split()[:80])


def half(text: str, words: list[str]) -> str:
    sentences = _sentences(text)
    chosen = set(CHANCE.sample(range(len(sentences)), len(sentences) // 2))
    return " ".join(
        " ".join(CHANCE.choices(words, k=len(one.split()))) if place in chosen else one
        for place, one in enumerate(sentences)
    )


VARIANTS: dict[str, Make] = {
    "footer": footer,
    "cut": cut,
    "edits": edits,
    "new title": new_title,
    "excerpt": excerpt,
    "half rewritten": half,
}


def article(number: int, text: str, title: str) -> Article:
    moment = START + dt.timedelta(seconds=number)
    return Article(
        id=ArticleId(number),
        source="bench",
        title=title,
        text=text,
        published_at=moment,
        first_seen_at=moment,
    )


def groups(articles: list[Article]) -> dict[int, int]:
    """Each article's group, by the article that it ended up under."""
    above = {
        one.article_id: one.copy_of for one in select(articles, WEEK, RULES).left_out if one.copy_of
    }
    found = {}
    for one in articles:
        number = one.id
        while number in above:
            number = above[number]
        found[int(one.id)] = int(number)
    return found


def held(one: str, other: str) -> float:
    """The part of the shorter text's rows of three words that the other holds."""
    rows = [set(zip(w, w[1:], w[2:], strict=False)) for w in (one.split(), other.split())]
    return len(rows[0] & rows[1]) / max(1, min(map(len, rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--articles", type=int, default=300)
    given = parser.parse_args()
    originals = texts(given.files, given.articles)
    words = [word for text in originals for word in text.split()]
    count = len(originals)
    alone = groups([article(n, text, f"Story {n}") for n, text in enumerate(originals, 1)])
    false = [(n, other) for n, other in alone.items() if n != other]
    print(f"{count} originals, {count * (count - 1) // 2} pairs: {len(false)} joined")
    for one, other in false:
        share = held(originals[one - 1], originals[other - 1])
        print(f"  {share:.0%} of the shorter one: {originals[one - 1][:70]!r}")
        print(f"  {'':>23}{originals[other - 1][:70]!r}")
    whole = [article(n, text, f"Story {n}") for n, text in enumerate(originals, 1)]
    kinds = list(VARIANTS)
    for place, kind in enumerate(kinds, 1):
        whole += [
            article(n + place * count, VARIANTS[kind](text, words), f"{kind} {n}")
            for n, text in enumerate(originals, 1)
        ]
    begun = time.perf_counter()
    found = groups(whole)
    seconds = time.perf_counter() - begun
    joined: defaultdict[str, int] = defaultdict(int)
    for number, group in found.items():
        place, original = divmod(number - 1, count)
        if place:
            joined[kinds[place - 1]] += group == found[original + 1]
    total = sum(joined.values())
    share = 100 * total / (count * len(kinds))
    print(", ".join(f"{kind} {joined[kind]}/{count}" for kind in kinds))
    print(f"{share:.2f} % of {count * len(kinds)} joined, {len(whole)} articles in {seconds:.1f} s")


if __name__ == "__main__":
    main()
