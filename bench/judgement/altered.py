"""What the fact gate makes of true sentences that a program alters: `python -m bench.judgement.altered [--show]`.

Each true case of `tests/facts` that the gate accepts is altered in the plainest ways: another name, number, month or weekday, a
denial put in or left out, `may` made `will`. So there are inventions that nobody wrote a rule for. A few of them happen to be
true, or are no English; `--show` prints what is let through, to be read.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from digest.facts import gate
from digest.facts.calendar_words import DAYS, MONTHS

CASES = Path(__file__).parents[2] / "tests" / "facts"
_NAMES = ("Halvorsen", "Brightwell", "Okafor", "Lindgren", "Castellano", "Pemberton", "Novotny")
_NAME = re.compile(r"(?<![.!?:“] )(?<!^)(?<!\")\b[A-Z][a-zé]+(?: [A-Z][a-zé]+)*")
_NUMBER = re.compile(r"\b\d+(?:[.,]\d+)*\b")
_HELPING = re.compile(r"\b(was|were|is|are|will|has|have|had|can|could|would|did|does)\b(?! not)")
_DENIED = re.compile(r" (?:not|no|never)\b|n't\b")
_DATES = [[w.capitalize() for w in list(names)[:12]] for names in (DAYS, MONTHS)]


def cases() -> Iterator[tuple[str, str, str]]:
    """(sentence, article, title) of the true English cases."""
    for path in sorted(CASES.glob("*th.txt")):
        title = article = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@"):
                title = line[2:]
            elif line[:1] not in "+-":
                article = line
            elif line[0] == "+" and not title.startswith("["):
                yield line[2:], article, title


def altered(sentence: str, article: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """(kind, sentence) for each plain way to make it untrue."""
    yield from _renamed(sentence, chance)
    yield from _renumbered(sentence, article, chance)
    for names in _DATES:
        if found := re.search(rf"\b({'|'.join(names)})\b", sentence):
            other = chance.choice([one for one in names if one != found[0]])
            yield "another date", _with(sentence, found, other)
    if (found := _HELPING.search(sentence)) and not _DENIED.search(sentence):
        yield "a denial put in", _with(sentence, found, f"{found[0]} not")
    if found := _DENIED.search(sentence):
        yield "a denial left out", _with(sentence, found, "")
    if found := re.search(r"\b(may|might|could)\b", sentence):
        yield "made certain", _with(sentence, found, "will")


def _renamed(sentence: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    dates = {word for names in _DATES for word in names}
    for found in list(_NAME.finditer(sentence))[:2]:
        parts = found[0].split()
        if not dates & {*parts}:
            yield (
                "another name",
                _with(sentence, found, " ".join([*parts[:-1], chance.choice(_NAMES)])),
            )


def _renumbered(sentence: str, article: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    known = _NUMBER.findall(article)
    for found in list(_NUMBER.finditer(sentence))[:2]:
        place = chance.choice([n for n, sign in enumerate(found[0]) if sign.isdigit()])
        digit = str((int(found[0][place]) + chance.randrange(1, 9)) % 10 or 1)
        new = found[0][:place] + digit + found[0][place + 1 :]
        if new not in known and new != found[0]:
            yield "a new number", _with(sentence, found, new)
        others = [n for n in known if len(n) == len(found[0]) and n not in sentence]
        if others:
            yield "the article's number", _with(sentence, found, chance.choice(others))


def _with(sentence: str, found: re.Match[str], new: str) -> str:
    return sentence[: found.start()] + new + sentence[found.end() :]


def main(*, show: bool) -> None:
    """Print by kind how many are doubted."""
    chance = random.Random(7)
    made, doubted = Counter[str](), Counter[str]()
    for sentence, article, title in cases():
        if gate.check(sentence, article, title=title):
            continue
        for kind, other in altered(sentence, article, chance):
            made[kind] += 1
            caught = bool(gate.check(other, article, title=title))
            doubted[kind] += caught
            if show and not caught:
                print(f"{kind}: {other}")
    for kind, many in made.items():
        print(f"{kind:22} {doubted[kind]:4} of {many:4} doubted")


if __name__ == "__main__":
    main(show="--show" in sys.argv)
