"""Text to sentences, each with its place in the text; nothing between two sentences but white space.

A newline ends a sentence unless the paragraph is plainly wrapped. A full stop ends one unless it
belongs to an abbreviation, an initial or an ordinal. Scripts with their own marks need no space.
Measured against ECB+'s gold sentences, rules of this kind are as good as trained splitters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.model import Sentence

CLOSERS = "\"'”’»›)\\]」』】）》〉"
OPENERS = "\"'“‘„«‹(\\[「『【（《〈¿¡"
# ASCII marks, and Arabic's ؟ ۔, Ethiopic's ። ፧, Armenian's ։, Khmer's ។ and Burmese's ။, want a
# space behind them; Devanagari's danda and the full-width marks of CJK end a sentence by themselves.
_SPACED = ".!?…؟۔።፧։។။"
_ALONE = "。！？｡।॥"
_END = re.compile(
    rf"(?<![{_SPACED}])(?P<mark>[{_SPACED}]++)(?P<close>[{CLOSERS}]*+)\s++"
    rf"|(?P<alone>[{_ALONE}]++(?![{CLOSERS}]++[と、，])[{CLOSERS}]*+)\s*+"
    r"|(?P<tight>(?<=[a-zß-öø-ÿ]{3})[.!?]{1,2}[\"”]?)(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]*[ ,])"  # the space was lost
)
_ADDRESS = re.compile(r"[/@]|www\.|\.\w+\.?\Z")
_NEXT = re.compile(rf"[{OPENERS}£$€¥₹#@*•–—-]*(?P<word>[\w'’.&-]*)")
_BLANK = re.compile(r"\n[^\S\n]*+(?:\n[^\S\n]*+)++")
_BULLET = re.compile(r"\s*(?:[•*·▪◦–—-]|\d{1,2}[.)])\s")
_DONE = re.compile(rf"[{_SPACED}{_ALONE}:;][{CLOSERS}]*+\Z")
_LAST = re.compile(r"\S+\Z")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ALWAYS = _set(  # titles and the like want something behind them
    """mr mrs ms mx messrs mme mlle dr prof ste mt fr gen col lt sgt cpl capt cdr cmdr maj adm sen rep
    gov pres hon rev sr sra srta sig dott avv dra hr vs cf ca approx e.g i.e z.b d.h u.a bzw
    mio mrd ggf vgl viz ibid figs eds vols pp nr núm"""
)
_OFTEN = _set(  # may also stand at a sentence's end
    """inc ltd co corp plc llc jr etc u.s u.k u.n u.s.a e.u d.c ph.d b.c a.d b.sc m.d no nos st ave rd
    ft blvd hwy ext fig ed vol tel dept univ assn bros al jan feb mar apr jun jul aug sep sept
    oct nov dec mon tue tues wed thu thur thurs fri"""
)
_STARTERS = _set(
    """the a an this that these those he she it they we i you his her its their our my in on at by for
    from with after before when while since as if but and so or yet however there here no not
    officials police meanwhile last now then what who why how one two some many most all both
    each der die das ein eine er sie es wir und aber le la les un une il elle ils nous mais et
    el los las una pero lo gli"""
)
_ZONES = _set(
    """et est edt ct cst cdt mt mst mdt pt pst pdt gmt bst utc cet cest eastern central pacific monday
    tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march
    april may june july august september october november december jan feb mar apr jun jul aug sep
    sept oct nov dec"""
)
_GERMAN_DATE = _set(
    """januar februar märz april mai juni juli august september oktober november dezember jahrhundert
    jahrhunderts klasse platz etage stock"""
)
_SAID = re.compile(
    r"(?:[A-Z][\w'’.-]+ ){1,3}(?:said|says|asked|asks|added|adds|told|wrote|replied|shouted)\b"
)


def split(text: str) -> tuple[Sentence, ...]:
    """The sentences in order. `text[s.start:s.end] == s.text`; between them is only white space."""
    found: list[Sentence] = []
    for start, end in _paragraphs(text):
        for first, last in _spans(text, start, end):
            piece = text[first:last]
            left = len(piece) - len(piece.lstrip())
            words = piece.strip()
            if words:
                found.append(Sentence(words, first + left, first + left + len(words)))
    return tuple(found)


def paragraphs(text: str) -> tuple[tuple[int, int], ...]:
    """Where each paragraph starts and ends, as `split` sees them."""
    return tuple(_paragraphs(text))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans between blank lines, and between single newlines that are no mere wrapping."""
    start = 0
    for gap in (*((m.start(), m.end()) for m in _BLANK.finditer(text)), (len(text), len(text))):
        yield from _lines(text, start, gap[0])
        start = gap[1]


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    block = text[start:end]
    if "\n" not in block:
        yield start, end
        return
    lines = block.splitlines(keepends=True)
    wrapped, at, first = _is_wrapped(lines), start, start
    for line, following in zip(lines, (*lines[1:], ""), strict=True):
        at += len(line)
        if following and _breaks(line, following, wrapped):
            yield first, at
            first = at
    yield first, end


def _is_wrapped(lines: list[str]) -> bool:
    """True for lines of like width of which one at least goes on in lower case."""
    widths = [len(line.rstrip()) for line in lines]
    goes_on = any(line.lstrip()[:1].islower() for line in lines[1:])
    return goes_on and max(widths) <= 100 and min(widths[:-1]) >= 40


def _breaks(line: str, following: str, wrapped: bool) -> bool:
    if not line.strip() or _BULLET.match(following):
        return True
    if wrapped:
        return False
    return bool(_DONE.search(line.rstrip())) or not following.lstrip()[:1].islower()


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    last = start
    for match in _END.finditer(text, start, end):
        if match.end() >= end:
            break
        ends = _ends_tight if match["tight"] else _ends
        if match["alone"] or ends(text, match, last, end):
            yield last, match.end()
            last = match.end()
    yield last, end


def _ends_tight(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """True where a mark without a space behind it ends a sentence, and is no part of an address."""
    before = _LAST.search(text, max(start, match.start() - 40), match.start())
    return before is not None and not _ADDRESS.search(before[0])


def _ends(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """True where the mark found really ends the sentence that began at `start`."""
    following = _NEXT.match(text, match.end(), end)
    assert following is not None  # every part of the pattern may be empty
    word = following["word"]
    if word[:1].islower():
        return False
    if match["mark"] != ".":
        asked = match["close"] and match["mark"] in ("?", "!", "?!")
        return not (asked and _SAID.match(text, match.end(), end))
    if match["close"]:
        return True
    before = _LAST.search(text, max(start, match.start() - 40), match.start())
    if before is None:
        return False
    token = before[0].lstrip("\"'“‘„«([¿¡")
    in_brackets = text[match.end()] in "(["
    at_start = before.start() == start
    return _stop_ends(token, word.rstrip("."), at_start=at_start, in_brackets=in_brackets)


def _stop_ends(token: str, word: str, *, at_start: bool, in_brackets: bool) -> bool:
    """Whether a full stop between `token` and `word` is one."""
    low, next_low = token.lower(), word.lower()
    if low in ("a.m", "p.m"):
        return next_low not in _ZONES and not in_brackets
    if token.isdigit() and len(token) <= 3:
        return not at_start and next_low not in _GERMAN_DATE
    if low in _ALWAYS:
        return False
    if low in _OFTEN or _is_initials(token):
        return next_low in _STARTERS and not in_brackets
    return bool(token)


def _is_initials(token: str) -> bool:
    """`J`, `J.K`, `U.S.A`: capitals (or letters) with stops between."""
    parts = token.split(".")
    if len(parts) == 1:
        return len(token) == 1 and token.isupper() and token.isascii()
    return all(len(part) == 1 and part.isalpha() for part in parts)
