"""Numbers and what they count: digits, words, magnitudes, percent and money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from digest.facts.calendar_words import is_month
from digest.facts.reading import Text, Word, clause_of, closest, context, is_matter, stem
from digest.facts.spelled import MAGNITUDES, TENS_OF_YEARS, spelled
from digest.facts.word_lists import word_set

_DIGITS = re.compile(r"\d+(?:[.,'\u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|" + _DIGITS.pattern)
_SUFFIX = re.compile(
    r"(?:st|nd|rd|th|k|m|mn|bn|tn|km|kg|cm|mm|ft|mph|kph|s|er|e|C|F|p|am|pm)\b", re.IGNORECASE
)
_MONEY = {
    "$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee", "rs": "rupee", "dollar": "dollar",
    "dollars": "dollar", "euro": "euro", "euros": "euro", "pound": "pound", "pounds": "pound", "yen": "yen",
    "rupee": "rupee", "rupees": "rupee", "cents": "cent", "pence": "pence", "franken": "franc", "francs": "franc",
}  # fmt: skip
MONEY = frozenset(_MONEY.values())
_UNITS = {
    "cm": "cm", "centimetre": "cm", "centimeter": "cm", "mm": "mm", "millimetre": "mm", "millimeter": "mm", "km": "km", "kilometre": "km", "kilometer": "km", "mile": "mile", "metre": "metre", "meter": "metre", "feet": "foot",
    "foot": "foot", "ft": "foot", "kg": "kg", "kilogram": "kg", "kilo": "kg", "tonne": "tonne", "ton": "tonne", "hour": "hour",
    "day": "day", "week": "week", "month": "month", "year": "year", "minute": "minute", "second": "second", "degree": "degree",
    "mph": "mph", "gram": "gram", "litre": "litre", "liter": "litre", "acre": "acre", "hectare": "hectare", "hr": "hour", "min": "minute",
    "stunde": "hour", "tag": "day", "jahr": "year", "monat": "month", "woche": "week", "jahre": "year", "tage": "day",
}  # fmt: skip
#: `4x400m` is a name.
_TIMES = re.compile(r"\d+[a-z]\d", re.IGNORECASE)
_PERCENT = word_set("% percent prozent percentage pct")


@dataclass(frozen=True, slots=True)
class Number:
    """values: what it may mean (1.500 is 1500 or 1.5). unit: percent, money, measure or age, if any is named.

    near, closest: the matter around it. counts: the word behind it. of: the number that it is a part of.
    role: `from` or `instead` before it. to: the other of `61 to 39`. rate: `month` of `600 a month`.
    implied: no number but an `a`. at: its word's place. is_of: it is the whole of a part, as 14 of `9 of the 14`.
    of_which: it is told as a part: `412, of which they pay 250`.
    """

    values: frozenset[float]
    unit: str
    near: frozenset[str]
    text: str
    sentence: int
    counts: str = ""
    closest: frozenset[str] = frozenset()
    of: frozenset[float] = frozenset()
    role: str = ""
    to: frozenset[float] = frozenset()
    rate: str = ""
    implied: bool = False
    at: int = -1
    is_of: bool = False
    of_which: bool = False

    @property
    def is_year(self) -> bool:
        """True for what may be a year, as `2022`."""
        return not self.unit and self.text.isdigit() and 1800 <= max(self.values) < 2100

    def equals(self, other: Number) -> bool:
        return any(abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a in self.values for b in other.values)


@lru_cache(maxsize=4)
def numbers(text: Text, language: str = "en") -> list[Number]:
    """Every number of a text, dates' days and years included."""
    found: list[Number] = []
    for row in text.by_sentence:
        plain = list(_in_sentence(row, text, language))
        found += _related(_with_parts(plain, row), row, language)
    return found


def _with_parts(
    found: list[tuple[int, int, Number]], row: list[Word]
) -> list[tuple[int, int, Number]]:
    """`three in four` and `two out of three` as the parts that they are."""
    parts: list[tuple[int, int, Number]] = []
    for at, after, number in found:
        before = parts[-1] if parts else None
        between = [w.low for w in row[before[1] : at]] if before else []
        a, b = (max(before[2].values) if before else 0, max(number.values))
        most = {("in",): 20, ("out", "of"): 5}.get(tuple(between), 0)
        if before and 0 < a < b <= most:
            text = " ".join(w.text for w in row[before[0] : after])
            parts[-1] = before[0], after, replace(number, values=frozenset((a / b,)), text=text)
        else:
            parts.append((at, after, number))
    return parts


def _related(
    found: list[tuple[int, int, Number]], row: list[Word], language: str
) -> Iterator[Number]:
    """What numbers of one sentence say of each other: `9 of the 14`, `3 to 5 years`, `2-1`, `May 4`."""
    for place, (at, after, number) in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        between = [w.low for w in row[after : following[0]]] if following else []
        before = found[place - 1] if place else None
        behind = [w.text for w in row[before[1] : at]] if before else []
        small = all(v < 100 for v in number.values)
        if following and between[:1] == ["of"] and set(between[1:]) <= _ITS:
            number = replace(number, of=following[2].values)
        if before and before[2].counts == "of" and {w.lower() for w in behind[1:]} <= _ITS:
            number = replace(number, is_of=True)
        if following and between[-1:] == ["to"] and len(between) <= 2:
            number = replace(number, to=following[2].values)
        span = following and len(between) == 1 and between[0] in _TO and max(number.values) >= 1
        if following and span and not number.unit:  # but not `by a quarter to 1.4bn`
            number = replace(number, unit=following[2].unit)
        if small and (between in (["-"], ["–"]) or behind in (["-"], ["–"])) and not number.unit:
            number = replace(number, unit="score", near=frozenset(), closest=frozenset())
        if _in_date(row, at, after, language) and small:
            number = replace(number, unit="date", near=frozenset(), closest=frozenset(), role="")
        yield number


_ITS = word_set("the its their his her our these those all")
_TO = word_set("to or and - – bis à a")


def _in_date(row: list[Word], at: int, after: int, language: str) -> bool:
    beside = [p for p in (at - 1, after) if 0 <= p < len(row)]
    beside += [after + 1] if after + 1 < len(row) and row[after].low == "of" else []
    return any(is_month(row, p, language) for p in beside)


def _in_sentence(row: list[Word], text: Text, language: str) -> Iterator[tuple[int, int, Number]]:
    at = 0
    while at < len(row):
        word = row[at]
        if word.text[0].isdecimal() and not _TIMES.match(word.text):
            match = (_DIGITS if language == "en" else _SPACED).match(text.text, word.start)
            assert match is not None
            suffix = _SUFFIX.match(text.text, match.end())
            end = match.end() + (len(suffix[0]) if suffix else 0)
            after = at
            while after < len(row) and row[after].start < end:
                after += 1
            values, last = _scaled(
                _values(match[0], language), suffix[0] if suffix else "", row, after
            )
            yield from _told(row, at, last, values, suffix[0] if suffix else "")
            at = max(last, at + 1)
            continue
        found = None if _is_half(row, at) else spelled(row, at, language)
        if found:
            values, last = _scaled(frozenset(found[0]), "", row, found[1])
            yield from _told(row, at, last, values, "")
            at = max(last, at + 1)
            continue
        at += 1


def _is_half(row: list[Word], at: int) -> bool:
    """True inside `second half` and `first-half`, which count nothing."""
    low = [w.low for w in row[max(0, at - 2) : at + 3] if w.text != "-"]
    pairs = set(pairwise(low))
    return row[at].low in ("first", "second", "half") and bool(
        pairs & {("first", "half"), ("second", "half")}
    )


def _values(digits: str, language: str) -> frozenset[float]:
    plain = re.sub(r"[ '\u00a0\u202f]", "", digits)
    found = set()
    forms = ((",", "."),) if language == "en" else ((",", "."), (".", ","))
    for thousands, decimal in forms:
        grouped = plain.split(decimal)[0].split(thousands)
        if len(grouped) > 1 and not all(len(part) == 3 for part in grouped[1:]):
            continue
        try:
            found.add(float(plain.replace(thousands, "").replace(decimal, ".")))
        except ValueError:
            continue
    return frozenset(found)


def _scaled(
    values: frozenset[float], suffix: str, row: list[Word], after: int
) -> tuple[frozenset[float], int]:
    """With `million` or `bn` behind; and where the number and its magnitude end."""
    low = suffix.lower()
    if low in ("k", "m", "mn", "bn", "tn"):
        scaled = frozenset(v * MAGNITUDES[low] for v in values)
        return (scaled | values if low == "m" else scaled), after
    if after + 1 < len(row) and row[after].text == "-" and row[after + 1].low in MAGNITUDES:
        after += 1  # `1.7-billion-euro`
    if after < len(row) and row[after].low in TENS_OF_YEARS:
        return frozenset(v * 10 for v in values), after + 1
    if after < len(row) and row[after].low.rstrip(".") in MAGNITUDES and len(row[after].text) > 1:
        return frozenset(v * MAGNITUDES[row[after].low] for v in values), after + 1
    ahead = [w.low for w in row[after : after + 6]]
    for place, low in enumerate(ahead):  # `3 to 5 million`, `between 1.1 and 1.5 million`
        digits = all(one[0].isdigit() or one in ".," for one in ahead[1:place])
        if low in MAGNITUDES and place > 1 and ahead[0] in _TO and digits:
            return values | frozenset(v * MAGNITUDES[low] for v in values), after
    return values, after


def _told(
    row: list[Word], at: int, after: int, values: frozenset[float], suffix: str
) -> Iterator[tuple[int, int, Number]]:
    if not values:
        return
    unit = _unit(row, at, after, suffix)
    near = frozenset(context(row, at) | context(row, after - 1))
    counts = next((stem(w.text) for w in row[after : after + 1] if w.text[0].isalpha()), "")
    shown = " ".join(w.text for w in row[at:after])
    behind = [w.low for w in row[max(0, at - 3) : at] if w.text not in "$€£¥₹"]
    beside = (*row[max(0, at - 7) : at], *row[after : after + 6])
    to = any(w.low == "to" for w in beside) or behind[-2:-1] in (["down"], ["up"])
    role = "from" if behind[-1:] == ["from"] and to else ""
    role = "instead" if behind[-2:] == ["instead", "of"] else role
    around = closest(row, at, after)
    sentence, rate = row[at].sentence, _rate(row, after)
    found = Number(
        values, unit, near, shown, sentence, counts, around, role=role, rate=rate, at=row[at].at
    )
    pairs = pairwise(w.low for w in row[max(0, at - 8) : at])
    found = replace(found, of_which=any(a == "of" and b in _WHICH for a, b in pairs))
    yield at, after, found


def _rate(row: list[Word], after: int) -> str:
    """`month` of `600 euros a month`."""
    behind = clause_of(row[after : after + 6])
    for one, other in pairwise(behind[: 2 + (behind[0].low in _MONEY if behind else 0)]):
        if one.low in ("a", "an", "per") and is_matter(other) and not other.capital:
            return _UNITS.get(other.low) or other.stem
    for one, other in pairwise(behind):
        span = _UNITS.get(other.low, "")
        if one.low in _EACH and span in _RATES:
            return span
    return ""


_WHICH = word_set("which whom them these those")
_EACH = word_set("a an per each every im pro je")  # `pro Jahr`
_RATES = frozenset(("second", "minute", "hour", "day", "week", "month", "year"))


@lru_cache(maxsize=4)
def implied(text: Text) -> list[Number]:
    """Where an `a` or `an` counts one of something."""
    one = frozenset((1.0,))
    return [
        Number(one, "", frozenset((row[at + 1].stem,)), "", word.sentence, implied=True)
        for row in text.by_sentence
        for at, word in enumerate(row[:-1])
        if word.low in ("a", "an") and is_matter(row[at + 1])
    ]


def _is_age(row: list[Word], at: int, after: int) -> bool:
    """`aged 90`, `Ivo Kral, 67,`, `She was 93.`, `the 41-year-old`."""
    digits = row[at].text
    plain = digits.isascii() and digits.isdigit() and len(digits) <= 3
    if not plain or not 1 < int(digits) < 115 or after - at > 1:
        return False
    before = [w.low for w in row[max(0, at - 2) : at]]
    ahead = [w.low for w in row[after : after + 4] if w.text != "-"]
    ends = not ahead or not ahead[0][0].isalnum() or ahead[0] in ("when", "and", "at")
    if (
        before[-1:] == ["aged"]
        or before == ["age", "of"]
        or ({"year", "years"} & {*ahead[:1]} and any(w in _OLD for w in ahead))
    ):
        return True
    named = at > 1 and row[at - 1].text == "," and row[at - 2].capital and ends
    return named or (
        ends
        and before[-1:] in (["was"], ["is"])
        and at > 1
        and (row[at - 2].capital or row[at - 2].low in ("she", "he"))
    )


def _unit(row: list[Word], at: int, after: int, suffix: str) -> str:
    if _is_age(row, at, after):
        return "age"
    if suffix.lower() in ("am", "pm") or [w.low for w in row[after : after + 3]][1:] == [".", "m"]:
        return "clock"
    if row[after - 1].low in TENS_OF_YEARS:
        return "year"
    if row[at].low == "half" and row[after - 1].low == "hour":
        return "minute"
    return _measure(row, at, after, suffix)


_BETWEEN = word_set("previous last next full whole consecutive straight additional further extra")


def _measure(row: list[Word], at: int, after: int, suffix: str) -> str:
    behind = row[at - 1].low.rstrip(".") if at else ""
    if behind in _MONEY and (not behind.isalpha() or behind == "rs"):
        return _MONEY[behind]
    if suffix.lower() in _UNITS:
        return _UNITS[suffix.lower()]
    shortened = row[after - 1].low in ("mio", "mrd")  # `12,5 Mio. Euro`
    ahead = [w.low for w in row[after : after + 5] if w.text not in ("-–." if shortened else "-–")]
    if ahead[:1] and ahead[0] in _BETWEEN:  # `three previous years`
        ahead = ahead[1:]
    return _named(*[*ahead, "", ""][:2])


_OLD = ("old", "olds", "old's")


def _named(low: str, following: str) -> str:
    """The unit that begins behind a number; an age has none."""
    if low in ("year", "years", "month", "months") and following in _OLD:
        return ""
    if low.startswith("anniversar"):
        return "year"
    pair = f"{low} {following}"
    if low in _PERCENT or pair in ("per cent", "pour cent", "por ciento", "per cento"):
        return "percent"
    if low == "us":
        low = following
    if low in ("sq", "square") and following:
        return f"square {_named(following, '')}"
    return _MONEY.get(low) or _UNITS.get(low) or _UNITS.get(low.removesuffix("s")) or ""
