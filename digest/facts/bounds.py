"""Bounds: `at least`, `up to` and `nearly` before a number, which must be as in the source or fit a number there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digest.facts.denials import denied
from digest.facts.numbers import Number
from digest.facts.reading import Text, Word
from digest.facts.word_lists import word_set


def is_about(number: Number, known: Sequence[Number], ours: Text) -> bool:
    """`more than 7 %` of 7.3, `nearly 400` of 392: a rounder number than the one that it stands for."""
    before = {w.low for w in ours.words[max(0, number.at - 3) : number.at]}
    value = min(number.values)
    if value < 1 and before & (_OVER | _NEARLY):  # `more than half` of 54 %
        value, known = value * 100, [one for one in known if one.unit == "percent"]
        number = replace(number, unit="percent")
    value = max(value, max(number.values)) if value > 1 else value
    least, most = (1.0, 1.15) if before & _OVER else (0.85, 1.0) if before & _NEARLY else (1.0, 1.0)
    kind = [one for one in known if one.unit == number.unit and not one.implied]
    return not before & {"least", "up", "to"} and any(
        value * least < v < value * most
        and (_digits(value) < _digits(v) or value > 1 > min(number.values))
        for one in kind
        for v in one.values
    )


_OVER, _NEARLY = word_set("more over above"), word_set("nearly almost under below less fewer")


def _digits(value: float) -> int:
    """How many digits tell a number: one of 400, three of 392."""
    return len(f"{value:.6g}".replace(".", "").strip("0"))


#: Words before a number that make it the least, or the most.
_LEAST = word_set("least more over above exceeding exceeds exceeded minimum")
_MOST = word_set("most less fewer under below maximum nearly almost")


def bounds_of(text: Text) -> dict[int, str]:
    """For each place of a word what the words before it make a number there: the least, the most."""
    found: dict[int, str] = {}
    for row in text.by_sentence:
        for at, word in enumerate(row):
            before = {w.low for w in row[max(0, at - 3) : at]}
            up_to = [w.low for w in row[max(0, at - 2) : at]] == ["up", "to"]
            least, most = bool(before & _LEAST), bool(before & _MOST) or up_to
            if least != most:
                turned = bool(before & _COMPARED) and _is_denied(row, at)  # `not more than`
                found[word.at] = "least" if least != turned else "most"
    return found


def _is_denied(row: list[Word], at: int) -> bool:
    """Whether a denial stands before a place, in its clause."""
    starts = [n for n, w in enumerate(row[:at]) if w.breaks or w.low in ("and", "but")]
    clause = row[starts[-1] if starts else 0 : at + 1]
    return bool(denied(clause)) or any(w.stem == "ban" for w in clause)


_COMPARED = word_set("more over above less fewer under below")


def is_bounded_otherwise(
    number: Number, known: Sequence[Number], bounds: tuple[dict[int, str], dict[int, str]]
) -> bool:
    """`at least 85,000` where the source has `up to 85,000`."""
    here = bounds[0].get(number.at, "")
    there = {bounds[1].get(one.at, "") for one in known if number.equals(one) and one.at >= 0}
    return bool(here) and bool(there) and here not in there and "" not in there
