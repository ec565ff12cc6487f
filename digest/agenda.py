"""The days to come that stories announce: each with the sentence that says so, word for word.

Few and sure rather than many: a date counts only in a sentence whose own clause speaks of the future, outside
quotations, without a denial, a condition or a word of the past; habits, deadlines, birthdays and anniversaries
are none, nor is a sentence that leans on the one before it (`It opens on Friday`). Where a language's words are not known, nothing is announced.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from babel import Locale

from digest import sentences, words
from digest.agenda_words import SIGNS, Signs
from digest.model import Article, ComingDay, Sentence
from digest.openings import leans

#: How far a mail looks ahead, from the day it is sent.
DAYS = 7
#: The longest sentence that is printed.
LONGEST = 45
#: How many words may stand between the date and what speaks of the future.
_REACH = 9
#: Where the date stands before that, no more words than these stand before it: `On Tuesday the council will …`.
_OPENING = 3
_CLAUSE = re.compile(r"[,;:()،؛—–]|\s-\s")
_OF_A_DAY = frozenset(("at", "in", "for"))
_QUOTES = re.compile(r"[\"“”„«»]")
#: Here `there` is no place that was told before.
_THERE = re.compile(r"there (?:is|are|will|shall)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Said:
    """A date in a sentence: where it stands and which days it may mean."""

    start: int
    end: int
    day: dt.date


@dataclass(frozen=True, slots=True)
class Ahead:
    """sent: when the mail goes. zone: in which days and hours are told. language: of articles that name none."""

    sent: dt.datetime
    zone: dt.tzinfo
    language: str = "en"

    def holds(self, one: ComingDay) -> bool:
        """Whether it lies in the coming week; an hour that is said is not before the mail's."""
        local = self.sent.astimezone(self.zone)
        if one.day == local.date():
            return one.clock is None or one.clock > local.time()
        return local.date() < one.day < local.date() + dt.timedelta(days=DAYS)


def coming(article: Article, ahead: Ahead) -> tuple[ComingDay, ...]:
    """The days of the coming week that the article announces; in order, one sentence a day."""
    language = (article.language or ahead.language).split("-")[0].lower()
    signs = SIGNS.get(language)
    if (
        signs is None
        or article.published_at is None
        or not _dates(language).whole.search(article.text)
    ):
        return ()
    wrote = article.published_at.astimezone(ahead.zone).date()
    found: dict[dt.date, ComingDay] = {}
    for sentence in sentences.split(article.text):
        for day in _announced(sentence, wrote, language, signs):
            if ahead.holds(day):
                found.setdefault(day.day, day)
    return tuple(found[day] for day in sorted(found))


def _announced(
    sentence: Sentence, wrote: dt.date, language: str, signs: Signs
) -> Iterator[ComingDay]:
    text = sentence.text
    if not _is_plain(text) or signs.never.search(text):
        return
    found = list(_said(text, wrote, language, signs))
    clock = _clock(text, signs) if len(found) == 1 else None  # of two days it may be either's
    for said in found:
        if _is_leaning(text, said, language):
            continue
        if _is_future(text, said, signs) and not signs.bound.search(text[: said.start]):
            yield ComingDay(said.day, clock, " ".join(text.split()))


def _is_plain(text: str) -> bool:
    """A finished sentence of a fair length that quotes nobody and asks nothing."""
    whole = text.rstrip().endswith((".", "!", "。", "…")) and not text.lstrip().startswith(
        ("-", "•")
    )
    return whole and not _QUOTES.search(text) and 4 <= words.count(text) <= LONGEST


def _is_leaning(text: str, said: _Said, language: str) -> bool:
    """Whether a sentence opens with a word for what was told before: `It opens on Friday`, `On Friday it opens`.

    `This Friday` is a date. In German the verb comes before: `Am Freitag öffnet sie`.
    """
    before, behind = text[: said.start].split(), text[said.end :].lstrip(" ,")
    if len(before) > 1 and _opens_leaning(text, language):
        return True
    if language == "de":
        behind = behind.partition(" ")[2]
    return len(before) <= _OPENING and _opens_leaning(behind, language)


def _opens_leaning(text: str, language: str) -> bool:
    return leans(text, language) and not _THERE.match(text)


def _is_future(text: str, said: _Said, signs: Signs) -> bool:
    """Whether the date's own clause, or the one that it opens, speaks of the future and not of the past."""
    start, end = _clause(text, said)
    clause = text[start:end]
    if signs.past.search(clause):
        return False
    opens = len(text[start : said.start].split()) <= _OPENING
    for sign in signs.future.finditer(clause):
        at = start + sign.start()
        low, high = sorted((at, said.start))
        if len(text[low:high].split()) <= _REACH and (at < said.start or opens):
            return True
    return False


def _clause(text: str, said: _Said) -> tuple[int, int]:
    """From mark to mark; a date that stands alone before one (`On Tuesday, …`) belongs to what follows."""
    marks = [m for m in _CLAUSE.finditer(text) if not said.start <= m.start() < said.end]
    starts = [m.end() for m in marks if m.end() <= said.start]
    ends = [m.start() for m in marks if m.start() >= said.end] + [len(text)]
    start = starts[-1] if starts else 0
    alone = len(text[start : ends[0]].split()) <= len(text[said.start : said.end].split()) + 3
    return start, ends[1] if alone and len(ends) > 1 else ends[0]


# ---------------------------------------------------------------- dates


@dataclass(frozen=True, slots=True)
class _Dates:
    """A language's names of months and weekdays, by their places, and what finds them."""

    months: dict[str, int]
    weekdays: dict[str, int]
    date: re.Pattern[str]
    weekday: re.Pattern[str]
    whole: re.Pattern[str]


@cache
def _dates(language: str) -> _Dates:
    locale = Locale(language)
    months = {name.lower(): n for n, name in locale.months["format"]["wide"].items()}
    weekdays = {name.lower(): n for n, name in locale.days["format"]["wide"].items()}
    month, weekday = "|".join(map(re.escape, months)), "|".join(map(re.escape, weekdays))
    day, year = r"(?P<day>[12]?\d|3[01])", r"(?:,? (?:de |del )?(?P<year>\d{4}))?"
    date = rf"(?<![\w./-]){day}(?:\.|st|nd|rd|th|er|º)?\s(?:of |de )?(?P<month>{month})(?!\w){year}"
    other = date.replace("<", "<o")
    if language == "en":
        ending = r"(?:st|nd|rd|th)?(?!\w|[.:]\d)"
        other = rf"(?<!\w)(?P<omonth>{month})\s(?:the )?(?P<oday>[12]?\d|3[01]){ending}{year.replace('year', 'oyear')}"
    flags = re.IGNORECASE
    return _Dates(
        months,
        weekdays,
        re.compile(f"{date}|{other}" if language == "en" else date, flags),
        re.compile(rf"(?<!\w)(?:{weekday})(?!\w)", flags),
        re.compile(
            rf"(?<!\w)(?:{month}|{weekday}|tomorrow|morgen|demain|mañana|domani|غدا)(?!\w)", flags
        ),
    )


def _said(text: str, wrote: dt.date, language: str, signs: Signs) -> Iterator[_Said]:
    names = _dates(language)
    full = [one for m in names.date.finditer(text) if (one := _full(text, m, wrote, names))]
    yield from full
    if full:
        return  # a weekday beside a date says the same
    for match in names.weekday.finditer(text):
        if day := _weekday(text, match, wrote, signs, names):
            yield _Said(match.start(), match.end(), day)
    for match in signs.tomorrow.finditer(text):
        yield _Said(match.start(), match.end(), wrote + dt.timedelta(days=1))


def _full(text: str, match: re.Match[str], wrote: dt.date, names: _Dates) -> _Said | None:
    """The date that a day and a month mean: of the year that is named, else the next one.

    It begins with the weekday that stands before it: `Saturday, 5 December`.
    """
    before = [
        m for m in names.weekday.finditer(text) if 0 <= match.start() - m.end() <= len(", den ")
    ]
    start = before[0].start() if before else match.start()
    parts = match.groupdict()
    day, month = parts["day"] or parts.get("oday"), parts["month"] or parts.get("omonth")
    year = parts["year"] or parts.get("oyear")
    if day is None or month is None:
        return None
    for number in [int(year)] if year else [wrote.year, wrote.year + 1]:
        try:
            found = dt.date(number, names.months[month.lower()], int(day))
        except ValueError:
            continue
        if found > wrote:
            return _Said(start, match.end(), found)
    return None


def _weekday(
    text: str, match: re.Match[str], wrote: dt.date, signs: Signs, names: _Dates
) -> dt.date | None:
    """The first such day after the article's own; with `next`, the one of the week after."""
    around = text[max(0, match.start() - 14) : match.end() + 12]
    ahead = (names.weekdays[match[0].lower()] - wrote.weekday()) % 7
    if signs.following.search(around):
        return wrote + dt.timedelta(days=7 - wrote.weekday() + names.weekdays[match[0].lower()])
    before, after = text[: match.start()].split(), text[match.end() :]
    if after[:1] in ("'", "’") and before and before[-1].lower() not in _OF_A_DAY:
        return None  # `Friday's closing price` is Friday's, whenever it is paid
    if re.match(r" (?:week|fortnight)\b", after):
        return None  # `Sunday week` is a Sunday later still
    if re.match(r" [A-Z]", after) and not re.match(r" (?:\d|[A-Z]\w+ \d)", after):
        return None  # `The Sunday Times`
    led = not before or before[-1].islower() or bool(signs.behind.fullmatch(before[-1].strip(",")))
    return wrote + dt.timedelta(days=ahead) if ahead and led else None


def _clock(text: str, signs: Signs) -> dt.time | None:
    """The time that is said; None where there is none, more than one, or one that half a day may be missing of."""
    found = list(signs.clock.finditer(text))
    if len(found) != 1:
        return None
    parts = found[0].groupdict()
    hour, minute = parts.get("h") or parts.get("h2"), parts.get("m") or parts.get("m2")
    if hour is None:
        return None
    half = (parts.get("half") or "").lower()
    if half and int(hour) <= 12:
        return dt.time(int(hour) % 12 + (12 if half == "p" else 0), int(minute or 0))
    if int(hour) <= 12 and signs.late.search(text):
        return None
    return dt.time(int(hour), int(minute or 0))
