"""Quotations: which sentences hang together by one, and which text cuts one in two."""

from __future__ import annotations

import re

from digest.model import Sentence

#: How many sentences a quotation may run over before its mark counts as a stray one.
LONGEST = 12

# A mark opens at the start, or behind a space or a bracket; elsewhere it closes. A question mark right
# before a comma, a full stop or a word in lower case stands for a closing mark that a wrong encoding lost.
_STRAIGHT = re.compile(
    r"\"(?P<open>(?<![^\s(\[—–-]\")(?=\S)|(?<=^\")(?=\s))?|\?(?P<lost>(?<=[\w.]\?)(?=[,.;:]|\s[a-z]))"
)
_PAIRS = ("“”", "«»", "「」", "『』")


def depth(text: str) -> int:
    """How many quotations are open at the end; below 0 where one closes that never opened."""
    pairs = 0 if text.isascii() else _pairs(text)
    if '"' not in text:
        return pairs
    straight = 0
    for match in _STRAIGHT.finditer(text):
        if match["lost"] is not None:
            straight -= straight > 0
        else:
            straight = straight - 1 if match["open"] is None else 1
    return pairs + straight


def _pairs(text: str) -> int:
    """How many pairs of marks that tell left from right are open at the end."""
    low = text.count("„")
    if low:  # „German“ closes with the mark that opens “English”
        return low - text.count("“") - text.count("”")
    return sum(text.count(pair[0]) - text.count(pair[1]) for pair in _PAIRS)


def is_open(text: str) -> bool:
    """True where a quotation begins that does not end."""
    return depth(text) > 0 or text.rfind("‘") > text.rfind("’")


def is_whole(text: str) -> bool:
    """True where every quotation that begins ends, and none ends that does not begin."""
    return depth(text) == 0 and not is_open(text)


_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|„[^“”]*[“”]|「[^」]*」")


def is_all(text: str) -> bool:
    """True where nothing but a quotation is said, and nobody says it."""
    rest = _QUOTED.sub("", text)
    return rest != text and not any(sign.isalpha() for sign in rest)


def with_own_marks(found: list[Sentence], text: str) -> list[Sentence]:
    """A mark at a sentence's very end that closes nothing opens the next one, where that misses one."""
    mended = list(found)
    for place, sentence in enumerate(found):
        mended[place] = _without_stray_mark(mended[place])
        cut = len(sentence.text) != len(mended[place].text) and place + 1 < len(found)
        if cut and depth(found[place + 1].text) < 0:
            start, end = mended[place].end, found[place + 1].end
            start += len(text[start:end]) - len(text[start:end].lstrip())
            mended[place + 1] = Sentence(text[start:end], start, end)
    return [sentence for sentence in mended if sentence.text]


def _without_stray_mark(sentence: Sentence) -> Sentence:
    if sentence.text[-1:] != '"' or depth(sentence.text) >= 0:
        return sentence
    text = sentence.text[:-1].rstrip()
    return Sentence(text, sentence.start, sentence.start + len(text))


def groups(text: str, found: list[Sentence]) -> list[tuple[Sentence, ...]]:
    """Sentences in groups; a quotation that runs over several makes one group of them."""
    made: list[tuple[Sentence, ...]] = []
    at = 0
    while at < len(found):
        after = _after_quotation(text, found, at)
        made.append(tuple(found[at:after]))
        at = after
    return made


def _after_quotation(text: str, found: list[Sentence], at: int) -> int:
    """The place behind the quotation that opens in sentence `at`; `at + 1` where none does."""
    if not is_open(found[at].text):
        return at + 1
    for place in range(at + 1, min(at + LONGEST, len(found))):
        if "\n" in text[found[place - 1].end : found[place].start]:
            goes_on = found[place].text[:1] in '"“«„‘'
            return place if goes_on else at + 1
        if _reopens(found[place].text):
            return at + 1
        if not is_open(text[found[at].start : found[place].end]):
            return place + 1
    return at + 1


def _reopens(text: str) -> bool:
    first = _STRAIGHT.search(text)
    return first is not None and first["open"] is not None
