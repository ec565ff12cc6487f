"""Numbers written as words."""

from __future__ import annotations

import re

from digest.facts.reading import Word

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_SMALL = {word: number for number, word in enumerate(_EN.split())}
_SMALL |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
ORDINAL = {word: number for number, word in enumerate(_ORDINALS.split()) if number}
ORDINAL |= {f"{word[:-1]}ieth": 10 * number for number, word in enumerate(_TENS.split(), 2)}
_OTHERS: dict[str, dict[str, float]] = {
    "en": {"dozen": 12, "half": 0.5, "quarter": 0.25, "twice": 2, "double": 2, "doubled": 2, "triple": 3, "tripled": 3,
           "thirds": 1 / 3, "quarters": 0.25, "fifths": 0.2, "dozens": 12, "pair": 2, "trio": 3},
    "de": {"zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11,
           "zwölf": 12, "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
           "neunzig": 90, "hundert": 100, "tausend": 1000, "drittel": 1 / 3, "hälfte": 0.5, "viertel": 0.25, "dutzend": 12},
    "fr": {"deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11,
           "douze": 12, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100, "mille": 1000,
           "tiers": 1 / 3, "moitié": 0.5, "quart": 0.25, "quinze": 15, "treize": 13, "quatorze": 14, "seize": 16},
    "es": {"dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11,
           "doce": 12, "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "cien": 100, "ciento": 100, "mil": 1000,
           "tercio": 1 / 3, "mitad": 0.5, "quince": 15, "trece": 13, "catorce": 14},
    "it": {"due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7, "otto": 8, "nove": 9, "dieci": 10, "undici": 11,
           "dodici": 12, "venti": 20, "trenta": 30, "quaranta": 40, "cinquanta": 50, "cento": 100, "mille": 1000, "terzo": 1 / 3,
           "metà": 0.5, "quindici": 15, "tredici": 13, "quattordici": 14},
}  # fmt: skip
MAGNITUDES: dict[str, float] = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "k": 1e3, "m": 1e6, "mn": 1e6,
    "bn": 1e9, "tn": 1e12, "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7, "mio": 1e6, "mrd": 1e9, "millionen": 1e6,
    "milliarden": 1e9, "milliarde": 1e9, "millions": 1e6, "billions": 1e9, "thousands": 1e3, "hundreds": 1e2, "milliards": 1e9, "milliard": 1e9,
    "millones": 1e6, "millón": 1e6, "milioni": 1e6, "milione": 1e6, "miliardi": 1e9, "miliardo": 1e9, "mil": 1e3, "tausend": 1e3,
    "mille": 1e3, "hundert": 1e2,
}  # fmt: skip
_PARTS = {"thirds": 1 / 3, "quarters": 0.25, "fifths": 0.2, "sixths": 1 / 6, "tenths": 0.1}
TENS_OF_YEARS = frozenset(("decade", "decades"))
_AMBIGUOUS = {
    "third": 1 / 3,
    "quarter": 0.25,
    "fourth": 0.25,
    "fifth": 0.2,
    "tenth": 0.1,
    "eighth": 0.125,
    "sixth": 1 / 6,
}
_GERMAN = re.compile(r"(ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(\w+ig)")
_GERMAN_UNITS = ["null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]


def spelled(row: list[Word], at: int, language: str) -> tuple[set[float], int] | None:
    """The number that begins at `at`: what it may mean and where it ends; None where none does."""
    word = row[at].low
    other = _OTHERS.get(language, {})
    if language != "en":
        value = other.get(word, _german(word))
        return None if value is None else ({value}, at + 1)
    if word == "second" and at and row[at - 1].low in ("a", "per", "each", "one"):
        return None
    if word in _SMALL:
        return _parts_of(row, at) or _counted(row, at)
    if word in TENS_OF_YEARS:
        return {10.0}, at + 1
    if word == "half" and [w.low for w in row[at + 1 : at + 3]] == ["an", "hour"]:
        return {30.0}, at + 3
    known = (ORDINAL.get(word), other.get(word), _AMBIGUOUS.get(word))
    found = {value for value in known if value}
    if word in MAGNITUDES and len(word) > 4:
        found.add(MAGNITUDES[word])
    return (found, at + 1) if found else None


def _parts_of(row: list[Word], at: int) -> tuple[set[float], int] | None:
    """`two-thirds`, `two thirds`."""
    after = at + 1 + (at + 1 < len(row) and row[at + 1].low in "-–")
    part = _PARTS.get(row[after].low) if after < len(row) else None
    return None if part is None else ({_SMALL[row[at].low] * part}, after + 1)


def _counted(row: list[Word], at: int) -> tuple[set[float], int]:
    """`twenty-five`, `two hundred and six`, `one third`, `forty-second`."""
    total, part, place = 0.0, float(_SMALL[row[at].low]), at + 1
    while place < len(row):
        word = row[place].low
        following = row[place + 1].low if place + 1 < len(row) else ""
        if word in "-–" and (following in _SMALL or following in ORDINAL) and part % 10 == 0:
            place += 1
        elif word in _SMALL and part and part % 10 == 0 and _SMALL[word] < 10:
            part, place = part + _SMALL[word], place + 1
        elif word in ORDINAL and part % 10 == 0 and part and ORDINAL[word] < 10:
            return {total + part + ORDINAL[word]}, place + 1
        elif word in _SMALL and total and not part:
            part, place = float(_SMALL[word]), place + 1
        elif word == "hundred":
            part, place = part * 100, place + 1
        elif word == "and" and part and part % 100 == 0 and following in _SMALL:
            part, place = part + _SMALL[following], place + 2
        elif word in ("thousand", "million", "billion"):
            total, part, place = total + part * MAGNITUDES[word], 0.0, place + 1
            if following not in _SMALL:
                break
        else:
            break
    return {total + part}, place


def _german(word: str) -> float | None:
    match = _GERMAN.fullmatch(word)
    if not match or match[2] not in _OTHERS["de"]:
        return None
    return _OTHERS["de"][match[2]] + _GERMAN_UNITS.index(match[1])
