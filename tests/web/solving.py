"""Solving the task of a sign-up as a browser's script does."""

from __future__ import annotations

from unittest import mock

import altcha

from digest.audience import work
from digest.bootstrap import House
from digest.web import door
from digest.web.speech import Speech

#: So much work proves as much in a test as what a browser is asked for (`tests/audience/test_work.py`).
LITTLE = 200


def solved(house: House, newsletter: str = "sunday") -> str:
    """A proof of little work for a newsletter's form."""
    schedule = house.schedule(newsletter)
    speech = Speech(schedule.newsletter.language, schedule.newsletter.timezone)
    form = door.form_of(schedule, speech)
    with mock.patch.object(work, "CALM", LITTLE):
        return solution_of(work.challenge(house.key, form, now=house.clock()))


def solution_of(task: dict[str, object]) -> str:
    challenge = altcha.Challenge.from_dict(task)
    solution = altcha.solve_challenge(challenge, counter_start=work.CALM)
    assert solution is not None
    proof: str = altcha.Payload(challenge, solution).to_base64()
    return proof
