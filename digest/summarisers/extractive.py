"""Sentences of the article itself, two or three that tell it best together.

Nothing is rewritten, so nothing can be invented. What goes wrong in such summaries is a "He" or a "But"
whose sentence before was left out (Zhang, Wan and Bansal, "Extractive is not Faithful", 2023), so such
a sentence comes only together with the one before it, and a quotation comes whole or not at all.
"""

from __future__ import annotations

import re

from digest import sentences, words
from digest.model import Sentence, Summary
from digest.protocols import SummaryLimits
from digest.summarisers import page_lines, quotations
from digest.summarisers.units import flat, is_finished, is_question, read_units

#: How much of a text is looked at to learn what it is about, in characters.
HORIZON = 60_000

_CLAUSE = re.compile(r"[,;:—–،、；：](?=\s|$)|[、，；：]")


class ExtractiveSummariser:
    """The best set of sentences within the limits. The same text gives the same summary."""

    name = "extractive"

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        """Two or three sentences of `text`; an empty text gives an empty summary."""
        from digest.summarisers import chooser  # with numpy, which is most of a program's start
        from digest.summarisers.reading import Reading

        near = text[:HORIZON]
        units = read_units(title, near, limits)
        chosen = chooser.choose(Reading(title, [unit.text for unit in units]), units, limits)
        picked = tuple(s for place in chosen for s in units[place].sentences)
        if not picked:
            picked = _as_it_is(title, near, limits)
        cut = len(picked) == 1 and not _is_whole(text, picked[0])
        said = " ".join(_printed(s.text) for s in picked) + ("…" if cut else "")
        return Summary(said, picked, self.name)


def _printed(text: str) -> str:
    """On one line; a mark that opens a sentence stands at its first word."""
    line = flat(text)
    return '"' + line[2:] if line.startswith('" ') else line


# ---------------------------------------------------------------- odd texts


def _is_whole(text: str, sentence: Sentence) -> bool:
    """False where words of the same line follow that were cut off."""
    if is_finished(sentence.text):
        return True
    return not text[sentence.end :].split("\n", 1)[0].strip()


def _as_it_is(title: str, text: str, limits: SummaryLimits) -> tuple[Sentence, ...]:
    """For texts without one fit sentence: what stands first, cut where a clause or a word ends."""
    found = sentences.split(text)
    kept = [s for s in found if not page_lines.is_furniture(title, s.text, at_start=True)]
    rest = [s for s in found if not page_lines.is_pasted(s.text)]
    plain = [s for s in kept if not is_question(s.text)] or kept or rest
    picked: list[Sentence] = []
    for sentence in plain[: limits.sentences]:
        if words.count(" ".join(s.text for s in (*picked, sentence))) > limits.words:
            break
        if quotations.depth(sentence.text) == 0:
            picked.append(sentence)
    if picked or not plain:
        return tuple(picked)
    return _shortened(plain[0], limits.words)


def _shortened(sentence: Sentence, most: int) -> tuple[Sentence, ...]:
    """As much of a sentence as fits, never ending inside a quotation; nothing where that is nothing."""
    near = sentence.text[: most * 30]
    ends = [m.start() for m in _CLAUSE.finditer(near)]
    spaces = [m.start() for m in re.finditer(r"\s+", near)]
    signs = list(range(most, most * 2)) if not spaces else []
    for places in (ends, spaces, signs):
        for place in reversed(places):
            piece = sentence.text[:place]
            if most // 4 <= words.count(piece) <= most and quotations.is_whole(piece):
                return (Sentence(piece, sentence.start, sentence.start + place),)
    return ()
