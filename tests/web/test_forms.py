"""Forms are read strictly, and know when they were handed out."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.web import forms
from digest.web.forms import Filled

KEY = b"k" * 32
NOW = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "judged"),
    [
        (0, Filled.TOO_FAST),
        (1.9, Filled.TOO_FAST),
        (2, Filled.WELL),
        (86_400, Filled.WELL),
        (86_401, Filled.TOO_OLD),
    ],
)
def test_a_form_takes_between_two_seconds_and_a_day(seconds: float, judged: Filled) -> None:
    stamp = forms.stamp(KEY, "sunday", now=NOW)
    later = NOW + dt.timedelta(seconds=seconds)
    assert forms.filled(KEY, "sunday", stamp=stamp, now=later) is judged


@pytest.mark.parametrize("stamp", ["", ".", "1", "x.y", "1795413600000.", "²." + "0" * 64])
def test_a_stamp_that_is_none_of_ours_is_forged(stamp: str) -> None:
    assert forms.filled(KEY, "sunday", stamp=stamp, now=NOW) is Filled.FORGED


def test_a_stamp_fits_only_its_own_form_and_key() -> None:
    stamp = forms.stamp(KEY, "sunday", now=NOW)
    later = NOW + dt.timedelta(seconds=5)
    assert forms.filled(KEY, "monday", stamp=stamp, now=later) is Filled.FORGED
    assert forms.filled(b"o" * 32, "sunday", stamp=stamp, now=later) is Filled.FORGED


def test_a_stamp_made_older_by_hand_is_forged() -> None:
    made_at, _, signature = forms.stamp(KEY, "sunday", now=NOW).partition(".")
    older = f"{int(made_at) - 60_000}.{signature}"
    assert forms.filled(KEY, "sunday", stamp=older, now=NOW) is Filled.FORGED
