"""ROUGE-1, -2 and -L (F1, with stemming) of many candidates against one reference, quickly.

The words are those of the package `rouge-score`, whose figures these are; the longest common subsequence
is kept in the bits of one number (Hyyrö 2004).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rouge_score.tokenizers import DefaultTokenizer

_TOKENIZER = DefaultTokenizer(use_stemmer=True)


def tokens(text: str) -> list[str]:
    """Stemmed words in lower case."""
    return list(_TOKENIZER.tokenize(text))


class Reference:
    """A summary that a person wrote."""

    def __init__(self, text: str) -> None:
        self.words = tokens(text)
        self._ones, self._twos = Counter(self.words), Counter(pairwise(self.words))
        self._places: dict[str, int] = {}
        for place, word in enumerate(self.words):
            self._places[word] = self._places.get(word, 0) | 1 << place

    def scores(self, candidate: Sequence[str]) -> tuple[float, float, float]:
        """ROUGE-1, -2 and -L of a candidate's `tokens`."""
        ours, theirs = len(candidate), len(self.words)
        ones = (Counter(candidate) & self._ones).total()
        twos = (Counter(pairwise(candidate)) & self._twos).total()
        return (
            _f1(ones, ours, theirs),
            _f1(twos, max(0, ours - 1), max(0, theirs - 1)),
            _f1(self._in_order(candidate), ours, theirs),
        )

    def mean(self, candidate: Sequence[str]) -> float:
        """The mean of the three."""
        return sum(self.scores(candidate)) / 3

    def _in_order(self, candidate: Sequence[str]) -> int:
        size = len(self.words)
        full = (1 << size) - 1
        row = full
        for word in candidate:
            hits = row & self._places.get(word, 0)
            row = (row + hits | row - hits) & full
        return size - row.bit_count()


def _f1(shared: int, ours: int, theirs: int) -> float:
    return 2 * shared / (ours + theirs) if shared else 0.0
