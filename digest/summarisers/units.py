"""An article as the choice sees it: units of sentences that only come together, without furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest import sentences, words
from digest.model import Sentence
from digest.openings import leans
from digest.protocols import SummaryLimits
from digest.summarisers import page_lines, quotations

_QUESTION = re.compile(r"[?؟？][\"'”’»」』)\]]*$")
_FINISHED = re.compile(r"[.!?…؟۔。！？।॥։።][\"'”’»」』)\]]*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One or more sentences that only come together, with what the choice needs to know of them.

    usable: fits the limits and is a whole statement. quotes: its quotation marks come in pairs.
    """

    sentences: tuple[Sentence, ...]
    words: int
    leans: bool
    usable: bool
    quotes: bool

    @property
    def text(self) -> str:
        """On one line, as it is printed."""
        return " ".join(flat(s.text) for s in self.sentences)


def read_units(title: str, text: str, limits: SummaryLimits) -> list[Unit]:
    """A text's sentences without furniture, quotations kept together."""
    found = quotations.with_own_marks(list(sentences.split(text)), text)
    kept = [
        s for i, s in enumerate(found) if not page_lines.is_furniture(title, s.text, at_start=i < 3)
    ]
    kept = [page_lines.without_bullet(s) for s in kept]
    if kept:
        kept[0] = page_lines.without_dateline(kept[0])
    return [_unit(group, limits) for group in quotations.groups(text, kept)]


def _unit(group: tuple[Sentence, ...], limits: SummaryLimits) -> Unit:
    text = " ".join(s.text for s in group)
    size = sum(words.count(s.text) for s in group)
    usable = (
        len(group) <= limits.sentences
        and size <= limits.words
        and not any(is_question(s.text) for s in group)
        and is_finished(text)
        and (size >= 4 or not text.isascii())
    )
    return Unit(
        group, size, leans(text) or quotations.is_all(text), usable, quotations.is_whole(text)
    )


def is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def is_finished(text: str) -> bool:
    """True where a mark says that the sentence is over."""
    return bool(_FINISHED.search(text))


def flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())
