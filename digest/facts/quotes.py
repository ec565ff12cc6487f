"""Quotations: are they word for word in the source, and is it the same who says them?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.facts.names import is_name, is_person, runs_in
from digest.facts.reading import Text, Word, clause_of, is_matter
from digest.facts.word_lists import word_set

_QUOTED = re.compile(r"[\"“„«「]([^\"“”„«»「」]+)[\"”“»」]")
_SINGLE = re.compile(r"(?<![\w])'([^']{3,}?)'(?!\w)|(?<![\w])'([^\"]{12,}?)'(?=[\s.,;]|$)")
_SPEECH = word_set(
    """said says say saying told tells added adds asked asks wrote writes tweeted warned warns insisted insists
    claimed claims explained explains replied replies argued argues noted notes called calls admitted admits
    announced declared described stated promised promises pledged vowed urged complained joked accused
    praised criticised criticized hailed sagte erklärte dit dijo ha détto detto disse affirmé déclaré"""
)


@dataclass(frozen=True, slots=True)
class Quotation:
    text: str
    start: int
    sentence: int


@lru_cache(maxsize=4)
def quotations(text: Text) -> list[Quotation]:
    """What stands in quotation marks; apostrophes count as marks only around several words."""
    found = []
    for pattern in (_QUOTED, _SINGLE):
        for match in pattern.finditer(text.text):
            inner = match[1] or (match[2] if pattern is _SINGLE else "")
            before = [w for w in text.words if w.start <= match.start()]
            found.append(Quotation(inner, match.start(), before[-1].sentence if before else 0))
    return found


def flat(text: str) -> str:
    """Words alone, for finding one text in another."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("’", "'").replace("'", "")))


def is_quoted(quotation: Quotation, source: Text) -> bool:
    """Whether the source has the same words, from three words on in quotation marks as well."""
    wanted = flat(quotation.text)
    if not wanted:
        return True
    if f" {wanted} " not in f" {flat(source.text)} ":
        return False
    if len(wanted.split()) < 3:
        return True
    inside = " | ".join(flat(one.text) for one in quotations(source))
    return f" {wanted} " in f" {inside} " or _inside_open(wanted, source)


def _inside_open(wanted: str, source: Text) -> bool:
    """In a quotation whose marks do not come in pairs, as over paragraphs."""
    quoted = flat(" ".join(w.text for w in source.words if w.quoted))
    return f" {wanted} " in f" {quoted} "


def speaker_fits(quotation: Quotation, summary: Text, source: Text) -> bool:
    """Whether the one who says it in the summary says these words in the source."""
    said = speaker_of(summary.by_sentence[quotation.sentence])
    spans = _places(flat(quotation.text), source)
    return said is None or not spans or any(_says(said, span, source) for span in spans)


def _places(wanted: str, source: Text) -> list[range]:
    """The sentences of the source that hold these words: one, or up to three side by side."""
    lines = [flat(" ".join(w.text for w in row)) for row in source.by_sentence]
    for size in (1, 2, 3, 4):
        found = [
            range(at, at + size)
            for at in range(len(lines) - size + 1)
            if f" {wanted} " in f" {' '.join(lines[at : at + size])} "
        ]
        if found:
            return found
    return []


def _says(said: Word, span: range, source: Text) -> bool:
    """Own word, or, where the source says `he said` or nothing, a name nearby."""
    rows = source.by_sentence
    own = [one for place in span if (one := speaker_of(rows[place])) is not None]
    if not own and span.stop < len(rows) and not _has_pronoun(rows, span):
        own = [one for one in (speaker_of(rows[span.stop]),) if one is not None]
    name = said.low.removesuffix("'s")
    if own and own[0].capital:
        return own[0].low.removesuffix("'s") == name
    around = {
        w.low.removesuffix("'s")
        for row in rows[max(0, span.start - 2) : span.stop + 1]
        for w in row
    }
    everywhere = {w.low.removesuffix("'s") for w in source.words}
    last = _last_person(rows[max(0, span.start - 2) : span.start])
    if not own and last and said.capital and _has_pronoun(rows, span):
        if _is_first_person(name, span, rows):
            return True
        return last.low.removesuffix("'s") == name or name not in everywhere
    if not own and last and not said.capital and _has_pronoun(rows, span):
        return name not in everywhere or _is_beside(name, last, rows)
    return name in around or name not in everywhere


def _is_beside(noun: str, person: Word, rows: list[list[Word]]) -> bool:
    """Whether somebody is called so right before or behind the name: `captain June Hunter`."""
    row = rows[person.sentence]
    at = row.index(person)
    return any(w.low == noun for w in row[max(0, at - 4) : at + 7])


def _is_first_person(name: str, span: range, rows: list[list[Word]]) -> bool:
    """Whether somebody is whom the article begins with, and the sentence before speaks of `her` as well."""
    begins = next((row for row in rows if row and row[-1].text == "."), [])
    persons = [w for run in runs_in(begins)[:3] for w in run if is_person(w)]
    before = rows[span.start - 1] if span.start else []
    told = any(w.low in ("he", "she", "his", "her") and not w.quoted for w in before)
    return told and any(w.low.removesuffix("'s") == name for w in persons)


def _has_pronoun(rows: list[list[Word]], span: range) -> bool:
    outside = [w.low for place in span for w in rows[place] if not w.quoted]
    return any(low in ("he", "she", "they") for low in outside)


def _last_person(rows: list[list[Word]]) -> Word | None:
    """The one whom `he` or `she` most likely is: the first name of the nearest sentence that has one."""
    for row in reversed(rows):
        runs_ = [run for run in runs_in(row) if any(is_person(w) for w in run)]
        runs_ = [run for run in runs_ if len(run) > 1 or is_name(run[0])] or runs_
        if runs_:
            return [w for w in runs_[0] if is_person(w)][-1]
    return None


def _with_aside(row: list[Word]) -> list[Word]:
    """`the worker, Ron May`: a name behind a comma belongs to what stands before it."""
    found = clause_of(row)
    rest = row[len(found) + 1 :]
    if len(found) < len(row) and row[len(found)].text == "," and rest and rest[0].capital:
        return found + clause_of(rest)
    return found


def _not_led(before: list[Word], name: Word) -> Word:
    """`Aas` of `Henrik Aas of Sund College, who was not involved, called it`: the one whom no `of` leads."""
    ends = [run for run in runs_in(before) if is_person(run[-1]) and len(run) > 1]
    if ends and ends[-1][-1] is name and len(ends) > 1:
        at = before.index(ends[-1][0])
        led = at and before[at - 1].low in ("of", "at", "from")
        return ends[-2][-1] if led and before[at - 2] is ends[-2][-1] else name
    return name


def speaker_of(row: list[Word]) -> Word | None:
    """The last word of the one who speaks in a sentence: the name, or the noun, beside the verb of speech."""
    outside = [w for w in row if not w.quoted]
    for at, word in enumerate(outside):
        if word.low not in _SPEECH:
            continue
        before = [w for w in outside[max(0, at - 14) : at] if not w.breaks and w.text not in '"“”']
        after = _with_aside(outside[at + 1 : at + 9])
        for side in (list(reversed(before)), list(reversed(after))):
            named = [w for w in side if is_person(w) and not w.low.endswith("'s")]
            if named:
                return _not_led(before, named[0]) if side and side[0] in before else named[0]
        nouns = [w for w in before if is_matter(w)] or [w for w in after if is_matter(w)]
        pronoun = any(w.low in ("he", "she", "they", "i", "we") for w in (*before[-2:], *after[:1]))
        return None if pronoun or not nouns else nouns[-1]
    return None
