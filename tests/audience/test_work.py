"""Proof of work: good for one form, for half an hour, as it was set."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import altcha
import pytest

from digest.audience import work

KEY = b"k" * 32
NOW = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)
FORM = "sunday 0123"


@pytest.fixture(scope="module")
def proof() -> str:
    challenge = altcha.Challenge.from_dict(work.challenge(KEY, FORM, now=NOW))
    solution = altcha.solve_challenge(challenge, counter_start=work.CALM)
    assert solution is not None
    found: str = altcha.Payload(challenge, solution).to_base64()
    return found


def changed(proof: str, **changes: Any) -> str:
    """The same with other values at the paths `a__b`."""
    payload = json.loads(base64.b64decode(proof))
    for path, value in changes.items():
        *inner, last = path.split("__")
        place = payload["challenge"] if inner[:1] == ["challenge"] else payload
        for step in inner:
            place = place if step == "challenge" else place[step]
        place[last] = value
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_a_right_proof_has_a_name_that_is_always_the_same(proof: str) -> None:
    assert len(work.proven(KEY, FORM, proof, now=NOW)) == 32
    again = changed(proof, solution__time=12.5)
    assert work.proven(KEY, FORM, again, now=NOW) == work.proven(KEY, FORM, proof, now=NOW)


def test_it_ends_by_itself_and_fits_no_other_form_or_house(proof: str) -> None:
    assert work.proven(KEY, FORM, proof, now=NOW + work.LIFETIME)
    late = NOW + work.LIFETIME + dt.timedelta(seconds=1)
    assert not work.proven(KEY, FORM, proof, now=late)
    assert not work.proven(KEY, "monday 0123", proof, now=NOW)
    assert not work.proven(b"o" * 32, FORM, proof, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"solution__counter": 1},
        {"solution__derivedKey": "00" * 32},
        {"challenge__parameters__keyPrefix": ""},
        {"challenge__parameters__data": {"form": FORM, "until": 2**40}},
        {"challenge__parameters__data": "x"},
        {"challenge__parameters__cost": 10**9},
        {"challenge__signature": "é"},
        {"challenge__signature": None},
        {"solution": []},
        {"challenge": []},
    ],
    ids=str,
)
def test_a_proof_that_was_changed_is_none(proof: str, changes: dict[str, Any]) -> None:
    assert work.proven(KEY, FORM, changed(proof, **changes), now=NOW) == ""


@pytest.mark.parametrize("wrong", ["", "x", "=" * 8, "W10=", "bnVsbA==", "ÿ" * 40, "A" * 5000])
def test_what_is_no_proof_is_none(wrong: str) -> None:
    assert work.proven(KEY, FORM, wrong, now=NOW) == ""


def test_deep_nonsense_is_none() -> None:
    deep = base64.b64encode(b"[" * 700).decode()
    assert work.proven(KEY, FORM, deep, now=NOW) == ""


def test_a_storm_asks_for_more() -> None:
    # The counter is drawn beforehand: nothing below the least number can solve it.
    task = altcha.Challenge.from_dict(work.challenge(KEY, FORM, now=NOW, storm=True))
    assert altcha.solve_challenge(task, counter_start=work.STORM - 2000, timeout=60) is not None
    assert work.STORM >= 8 * work.CALM
