"""What words mean the same, more generally or the opposite, from WordNet (`meanings.txt` and its licence beside it).

`python -m bench.judgement.boil_wordnet` makes the file. It is read with the first question and asked by stems.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache, lru_cache
from importlib import resources

_SAME, _GENERAL, _OPPOSITE = 1, 2, 3


def meant(stem: str) -> frozenset[str]:
    """The stems that say what this one does, or the same more generally: `vehicl` and `motorcar` of `car`."""
    return _listed(stem, _SAME) | _listed(stem, _GENERAL)


def general(stem: str) -> frozenset[str]:
    """The stems that say more generally what this one does."""
    return _listed(stem, _GENERAL)


def opposite(stem: str) -> frozenset[str]:
    return _listed(stem, _OPPOSITE)


@lru_cache(maxsize=1 << 13)
def _listed(stem: str, kind: int) -> frozenset[str]:
    if not is_word(stem):
        return frozenset()
    line = _lines()[bisect_left(_lines(), f"{stem}\t")]
    return frozenset(line.split("\t")[kind].split())


def is_word(stem: str) -> bool:
    """Whether the dictionary has this stem at all."""
    at = bisect_left(_lines(), f"{stem}\t")
    return at < len(_lines()) and _lines()[at].startswith(f"{stem}\t")


@cache
def _lines() -> list[str]:
    return (resources.files(__package__) / "meanings.txt").read_text(encoding="utf-8").split("\n")
