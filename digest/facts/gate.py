"""Every claim of a summary held against its source, and every doubt told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from digest import words
from digest.facts import (
    amounts,
    causes,
    certainty,
    claims,
    denials,
    names,
    opposites,
    quotes,
    roles,
    together,
)
from digest.facts.dates import Moment, moments
from digest.facts.reading import COUNTING, LENGTHS, Text, Word, head_at, is_matter
from digest.facts.statements import source_of

Kind = Literal[
    "name",
    "number",
    "date",
    "quotation",
    "speaker",
    "negation",
    "opposite",
    "role",
    "matter",
    "apart",
    "surer",
    "cause",
    "shape",
]
#: So many signs of an article are asked, 20,000 words: what nobody reads to its end keeps nobody waiting.
HORIZON = 120_000
#: At least so much of each sentence's matter must stand in the source.
SHARED = 0.5
#: So much is enough of the small words beside two names or numbers.
_HELD = 0.15
#: What a word is worth of which only another of its meaning stands there.
_MEANT = 0.5


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing of a summary that its source does not show. text: the words in doubt."""

    kind: Kind
    text: str

    @property
    def told(self) -> str:
        """In plain words, for an editor or a model."""
        return _TOLD[self.kind].format(self.text)


_TOLD: dict[str, str] = {
    "name": "the name “{}” does not stand in the article",
    "number": "the number “{}” does not stand in the article in this sense",
    "date": "the date “{}” does not stand in the article in this sense",
    "quotation": "the quotation “{}” is not word for word in the article",
    "speaker": "the quotation “{}” is another's in the article",
    "negation": "the article and the summary do not deny the same: {}",
    "opposite": "the article says the opposite: {}",
    "role": "the article gives other roles: {}",
    "matter": "the article does not say this: “{}”",
    "apart": "the article does not say this together: “{}”",
    "surer": "the article is less sure of this: “{}”",
    "cause": "the article gives no such cause: “{}”",
    "shape": "this is no summary: {}",
}


def check(summary: str, source: str, *, title: str = "", language: str = "en") -> tuple[Doubt, ...]:
    """What of `summary` does not stand in `source` or `title`; empty where everything does.

    language: a tag such as `de-AT`; it decides how months and number words are read.
    """
    tongue = (language or "en").split("-")[0].lower()
    near = source[:HORIZON]
    ours, theirs = Text(summary), _read(f"{title}\n\n{near}" if title else near)
    if _is_wordless(theirs):
        return () if _is_wordless(ours) else (Doubt("matter", summary.strip()[:120]),)
    if ours.unspaced:
        return tuple(dict.fromkeys(_unspaced(ours, theirs)))
    asked: tuple[Callable[[Text, Text, str], Iterator[Doubt]], ...] = (
        _names, _numbers, _dates, _quotations, _denials, _roles, _matter, _together, _surer, _causes,
    )  # fmt: skip
    return tuple(dict.fromkeys(doubt for ask in asked for doubt in ask(ours, theirs, tongue)))


def _is_wordless(text: Text) -> bool:
    return all(word.is_mark for word in text.words)


@lru_cache(maxsize=2)
def _read(article: str) -> Text:
    """An article as the rules read it; each of its summary's tries, and an editor's changes, ask for it again."""
    return Text(article)


def _names(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    known = names.Names(theirs, tongue)
    claimed = list(names.claimed(ours, tongue))
    missing = {word.at for word in claimed if not _is_known(word, known, theirs)}
    first = {word.at for word in claimed if word.first}
    for run in names.runs(ours):
        parts = [w for w in run if not w.first or w.at in first]
        if len(parts) > 1:  # `the Labour Party` of a `Labour politician`
            parts = [w for w in parts if w.low not in names.KINDS]
        if any(w.at in missing for w in parts):
            if not known.is_alias(parts):
                yield Doubt("name", " ".join(w.text for w in run))
            continue
        proper = [w for w in parts if w.low not in names.ROLES]
        if not known.together(proper):
            yield Doubt("name", " ".join(w.text for w in run))
    for word in ours.words:
        if (
            word.low in ("turkey", "polish", "china")
            and not word.capital
            and word.low not in {w.text for w in theirs.words}
        ):
            yield Doubt("name", word.text)


def _is_known(word: Word, known: names.Names, theirs: Text) -> bool:
    if word.low in names.ROLES and (
        known.is_alias([word])
        or word.low in {w.low for w in theirs.words}
        or word.low in ("mr", "mrs", "ms", "dr")
    ):
        return True
    if word.first and word.low not in names.HOMOGRAPHS and word.stem in theirs.small_stems:
        return True
    return known.has(word)


def _numbers(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for text in amounts.amount_doubts(ours, theirs, tongue):
        yield Doubt("number", text)


def _dates(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    known = moments(theirs, tongue)
    for moment in moments(ours, tongue):
        if moment.sentence >= 0 and not _dated(moment, known):
            yield Doubt("date", moment.text)

    for row in ours.by_sentence:
        for one, span, behind in zip(row, row[1:], row[2:], strict=False):
            told = span.stem in theirs.stems or behind.low in (
                "after",
                "before",
                "later",
                "earlier",
            )
            if one.low in ("a", "an") and span.low in LENGTHS and not told:
                yield Doubt("date", f"{one.text} {span.text}")


def _dated(moment: Moment, known: Sequence[Moment]) -> bool:
    same = [one for one in known if one.key == moment.key]
    if not same:
        span = moment.key.removeprefix("this ")  # an article of today tells of this year
        return span != moment.key and not any(one.key.endswith(f" {span}") for one in known)
    if not moment.near or any(moment.near & one.near for one in same):
        return True
    kind = moment.key.split()[0]
    others = [one for one in known if one.key.split()[0] == kind and one.key != moment.key]
    return not any(moment.near & one.near for one in others)


def _quotations(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for quotation in quotes.quotations(ours):
        if not quotes.is_quoted(quotation, theirs):
            yield Doubt("quotation", quotation.text)
        elif len(quotation.text.split()) >= 3 and not quotes.speaker_fits(quotation, ours, theirs):
            yield Doubt("speaker", quotation.text)


def _denials(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for text in denials.negation_doubts(ours, theirs):
        yield Doubt("negation", text)
    for text in opposites.opposite_doubts(ours, theirs):
        yield Doubt("opposite", text)


def _roles(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for text in roles.role_doubts(ours, theirs):
        yield Doubt("role", text)


def _together(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for text in together.apart(ours, theirs):
        yield Doubt("apart", text)


def _surer(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for text in (*certainty.surer(ours, theirs, tongue), *claims.unproven(ours, theirs)):
        yield Doubt("surer", text)


def _causes(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for text in causes.uncaused(ours, theirs):
        yield Doubt("cause", text)


def _matter(ours: Text, theirs: Text, tongue: str) -> Iterator[Doubt]:
    for row in ours.by_sentence:
        told = [(head_at(row, at), w) for at, w in enumerate(row) if is_matter(w)]
        told = [(head, w) for head, w in told if w.low not in COUNTING and head]
        plain = [head for head, w in told if not _is_named(w, theirs)]
        rows = [[head for head, _ in told], [] if tongue == "de" else plain]  # German nouns
        anchors = sum(w.capital or w.text[0].isdigit() for _, w in told)
        some = frozenset(rows[1])
        held = anchors > 1 and bool(some) and _share(some, theirs) >= _HELD
        if any(
            _is_made_up(frozenset(some), theirs) for some in (rows[:1] if held else rows) if some
        ):
            yield Doubt("matter", " ".join(w.text for w in row)[:120])


def _is_named(word: Word, theirs: Text) -> bool:
    """True for a name; not for a sentence's first word that stands small in the source."""
    small = word.first and word.stem in theirs.small_stems
    return word.capital and names.is_name(word) and not small


def _is_made_up(stems: frozenset[str], theirs: Text) -> bool:
    share = _share(stems, theirs)
    one_of_two = share == SHARED and len(stems) == 2 and not any(s[0].isdigit() for s in stems)
    return share < SHARED or one_of_two


def _share(stems: frozenset[str], theirs: Text) -> float:
    told = [s for s in source_of(theirs).sentences if stems & s.stems]
    most = max((len(stems & s.stems) for s in told), default=0)
    meant = frozenset[str]().union(*(s.meant for s in told if len(stems & s.stems) == most))
    known = sum(1.0 for one in stems if one in theirs.stems or _related(one, theirs))
    known += _MEANT * sum(one in meant and one not in theirs.stems for one in stems)
    return known / len(stems)


def _related(one: str, theirs: Text) -> bool:
    return len(one) >= 6 and any(other[:5] == one[:5] for other in theirs.stems)


# ---------------------------------------------------------------- scripts without capitals


def _unspaced(ours: Text, theirs: Text) -> Iterator[Doubt]:
    """Every word must stand in the source, but for what is joined to it; every pair of signs in CJK."""
    whole = theirs.text
    for number in re.findall(r"\d+(?:[.,]\d+)*", ours.text):
        if not re.search(rf"(?<!\d){re.escape(number)}(?!\d)", whole):
            yield Doubt("number", number)
    for quotation in quotes.quotations(ours):
        if quotation.text.strip() not in whole:
            yield Doubt("quotation", quotation.text)
    for run in re.findall(r"[\u30a0-\u30ff]{2,}|[\u3400-\u9fff]{2,}", ours.text):
        pieces = (
            [run]
            if "\u30a0" <= run[0] <= "\u30ff"
            else [run[i : i + 2] for i in range(len(run) - 1)]
        )
        if any(piece not in whole for piece in pieces):
            yield Doubt("name", run)
    for word in re.findall(r"[\u0590-\u06ff\u0900-\u097fA-Za-z]{3,}", ours.text):
        if word not in whole and not any(part in whole for part in _bare(word)):
            yield Doubt("name", word)


def _bare(word: str) -> list[str]:
    """An Arabic word without the small words that are written on to it."""
    found = [word.removeprefix(p) for p in ("و", "ب", "ل", "ك", "ف", "ال", "وال", "بال", "لل")]
    return [one for one in found if one != word and len(one) >= 3]


# ---------------------------------------------------------------- shape

_ADDRESS = re.compile(
    r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w|\b[\w-]+\.(?:com|net|org|io|info|ru|biz|xyz)\b|(?<!\w)@\w{2,}",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<>{}\\`|]|\*\*|^\s*[#*•-]\s|\[[^\]]*\]\(|__|\n", re.MULTILINE)
_ADDRESSES_US = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:instruction|prompt|previous|above)|system prompt|as an ai\b|language model|\bi(?:'m| am) (?:sorry|unable|an? )"
    r"|\bi (?:cannot|can't|will)\b|\bhere is (?:the|a|your) summary|^(?:summary|sure|okay|certainly)\b\s*[:,!]|\bclick (?:here|on|the)\b"
    r"|\b(?:subscribe|sign up|buy|order|call|visit|download|send)\b.{0,20}\b(?:now|today|us|here|free)\b|\byour (?:password|account|bank|card|inbox)\b"
    r"|\b(?:password|api key|access token|bitcoin address|wallet)\b|\bpwned\b|\bhacked\b!|\binstructions?\b.{0,20}\b(?:follow|obey|override)",
    re.IGNORECASE,
)  # fmt: skip


def shape(summary: str, *, most_words: int, most_sentences: int) -> tuple[Doubt, ...]:
    """Whether a text can be a summary at all: short prose, no markup, no address, no word to its reader."""
    found = list(_shape(summary, most_words, most_sentences))
    return tuple(Doubt("shape", one) for one in found)


def _shape(summary: str, most_words: int, most_sentences: int) -> Iterator[str]:
    text = Text(summary)
    if not summary.strip():
        yield "it is empty"
        return
    if words.count(summary) > most_words:
        yield f"it has {words.count(summary)} words, at most {most_words} fit"
    if len(text.by_sentence) > most_sentences:
        yield f"it has {len(text.by_sentence)} sentences, at most {most_sentences} fit"
    if _ADDRESS.search(summary):
        yield "it holds an address"
    if _MARKUP.search(summary):
        yield "it holds markup"
    if _ADDRESSES_US.search(summary):
        yield "it speaks to its reader or of its task"
    if not re.search(r"[.!…。！؟।][\"'”’»」』)]*\Z", summary.strip()):
        yield "it does not end with a full stop"
