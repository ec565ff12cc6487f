"""Months and weekdays in six languages, and those that are ordinary words as well: May, March, Sun."""

from __future__ import annotations

from digest.facts.reading import Word
from digest.facts.word_lists import word_set


def _table(*lists: str) -> dict[str, int]:
    return {
        word: number
        for names in lists
        for number, words in enumerate(names.split(), 1)
        for word in words.split("/")
    }


MONTHS = _table(
    "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct november/nov december/dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
)
DAYS = _table(
    "monday/mon tuesday/tue/tues wednesday/wed thursday/thu/thur/thurs friday/fri saturday/sat sunday/sun",
    "montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
)
_LOWER = frozenset(("fr", "es", "it"))
_AMBIGUOUS = word_set("may march mar mars august sat sun wed mai jun dec jan")
_BEFORE = word_set(
    """in of by until till since from through to during next last late early mid this each every and or between
    before after im am vom bis en de le du"""
)


def is_month(row: list[Word], at: int, language: str) -> bool:
    """True for a month; an ordinary word that looks like one must stand as months do."""
    word = row[at]
    low = word.low.rstrip(".")
    if low not in MONTHS:
        return False
    if not word.capital:
        return language in _LOWER
    return low not in _AMBIGUOUS or _dated(row, at)


def _dated(row: list[Word], at: int) -> bool:
    """Beside a number, or behind a preposition."""
    behind = row[at - 1] if at else None
    ahead = next((w for w in row[at + 1 : at + 3] if w.text not in (",", ".")), None)
    if (behind and behind.text[0].isdigit()) or (ahead and ahead.text[0].isdigit()):
        return True
    return bool(behind and behind.low in _BEFORE and not (ahead and ahead.capital))


def day_of(low: str) -> str:
    """`tuesday` of `Tuesdays` and of `Tues.`"""
    short = low.rstrip(".")
    return short if short in DAYS else short.removesuffix("s")


def is_day(row: list[Word], at: int, language: str) -> bool:
    """True for a weekday."""
    word = row[at]
    low = day_of(word.low)
    if low not in DAYS or low == "mar":
        return False
    if not word.capital:
        return language in _LOWER and len(low) > 4
    if low in ("sat", "sun", "wed", "mon", "fri"):
        return not word.first or _dated(row, at)
    return True
