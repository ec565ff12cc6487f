"""Solving the task of a sign-up as a browser's script does."""

from __future__ import annotations

import altcha

from digest.audience import work
from digest.bootstrap import House
from digest.web import door
from digest.web.speech import Speech


def solved(house: House, newsletter: str = "sunday") -> str:
    """A proof of work for a newsletter's form."""
    schedule = house.schedule(newsletter)
    speech = Speech(schedule.newsletter.language, schedule.newsletter.timezone)
    form = door.form_of(schedule, speech)
    return solution_of(work.challenge(house.key, form, now=house.clock()))


def solution_of(task: dict[str, object]) -> str:
    challenge = altcha.Challenge.from_dict(task)
    solution = altcha.solve_challenge(challenge, counter_start=work.CALM)
    assert solution is not None
    proof: str = altcha.Payload(challenge, solution).to_base64()
    return proof
