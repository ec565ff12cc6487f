"""Dates: weekdays, months, their days and years, seasons, and words such as `yesterday` and `last week`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from digest.facts.calendar_words import DAYS, MONTHS, day_of, is_day, is_month
from digest.facts.reading import Text, Word, context
from digest.facts.word_lists import word_set


@dataclass(frozen=True, slots=True)
class Moment:
    """A weekday, a month or a word like `yesterday`. key: what must be the same in the source."""

    key: str
    near: frozenset[str]
    text: str
    sentence: int


_TODAY = {
    word: key
    for key, forms in {
        "today": "today heute oggi hoy aujourd'hui", "yesterday": "yesterday gestern ieri ayer hier",
        "tomorrow": "tomorrow morgen domani mañana demain", "tonight": "tonight",
    }.items()
    for word in forms.split()
}  # fmt: skip
_LAST = word_set("last next this previous coming")
_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "winter": 4}
_SPANS = word_set(
    """week month year weekend night summer winter spring autumn fall decade century"""
)


@lru_cache(maxsize=4)
def moments(text: Text, language: str = "en") -> list[Moment]:
    """Weekdays, months, days and years of months, and `yesterday`, `last week`."""
    found: list[Moment] = []
    for row in text.by_sentence:
        for at, word in enumerate(row):
            found += _moment(row, at, word, language)
    return found + list(_numeric(text))


def _moment(row: list[Word], at: int, word: Word, language: str) -> Iterator[Moment]:
    low = word.low.rstrip(".").removesuffix("'s")
    near = context(row, at, reach=6)
    behind = row[at - 1].low if at else ""
    if is_day(row, at, language):
        yield Moment(f"day {DAYS[day_of(word.low)]}", near, word.text, word.sentence)
        return
    if is_month(row, at, language):
        month = MONTHS[low]
        yield Moment(f"month {month}", near, word.text, word.sentence)
        for number, there in _beside(row, at):
            yield Moment(
                f"month {month} {number}", frozenset(), f"{word.text} {there}", word.sentence
            )
    elif low in _TODAY and not (low in ("hier", "morgen") and language not in ("fr", "de")):
        yield Moment(_TODAY[low], frozenset(), word.text, word.sentence)
    elif low in _SPANS and behind in _LAST and language == "en":
        which = "last" if behind == "previous" else behind
        yield Moment(f"{which} {low}", frozenset(), f"{behind} {low}", word.sentence)
    elif low in _SEASONS and language == "en":
        yield Moment(f"season {_SEASONS[low]}", near, word.text, word.sentence)


def _beside(row: list[Word], at: int) -> Iterator[tuple[int, str]]:
    """The day and the year that stand beside a month."""
    for place in (at - 1, at - 2, at + 1, at + 2, at + 3, at + 4):
        if not 0 <= place < len(row):
            continue
        between = [w.low for w in row[min(place, at) + 1 : max(place, at)]]
        if any(b not in (",", ".", "of", "the", "de") and not b[0].isdecimal() for b in between):
            continue
        digits = re.match(r"(\d{1,2}(?=st|nd|rd|th|er|\.?$)|\d{4}$)", row[place].low)
        if digits:
            yield int(digits[1]), row[place].text


_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b|\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b")


def _numeric(text: Text) -> Iterator[Moment]:
    """Dates in digits; 03/04/2026 may be either."""
    for match in _ISO.finditer(text.text):
        if match[1]:
            pairs = [(int(match[2]), int(match[3]), int(match[1]))]
        else:
            a, b, year = int(match[4]), int(match[5]), int(match[6])
            pairs = [(b, a, year), (a, b, year)]
        for month, day, year in pairs:
            for key in (f"month {month}", f"month {month} {day}", f"month {month} {year}"):
                yield Moment(key, frozenset(), match[0], -1)
