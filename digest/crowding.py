"""Crowding: where nothing is known of readers, who stood among few was seen by more.

A day's and a section's readers are shared by the stories that stand there. It is the least of signs, so it speaks
only in weeks that have no other, and only in those that are large enough to tell a crowd from chance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.earlier_weeks import source_of
from digest.exposure import section_of
from digest.model import Article

#: With fewer stories than these a crowd is none.
LEAST = 20


@dataclass(frozen=True, slots=True)
class Crowd:
    """day, section: how many of the week's stories came on a story's day, and stand in its section.

    home: `in its section`, or `of its site` where it has none.
    """

    day: int
    section: int
    doublings: float
    home: str = "in its section"

    @property
    def told(self) -> str:
        stories = "1 story" if self.day == 1 else f"{self.day:,} stories"
        return f"{stories} on its day and {self.section:,} {self.home}, this one among them"


def crowds(leads: Sequence[Article]) -> list[Crowd | None]:
    """For each story its crowds, and how many doublings smaller than the largest they are; None in a small week.

    A story without a section counts to its site.
    """
    if len(leads) < LEAST:
        return [None] * len(leads)
    days = _counted(lead.when.date() for lead in leads)
    sections = _counted(section_of(lead) or source_of(lead) for lead in leads)
    most = math.log2(max(days)) + math.log2(max(sections))
    homes = ["in its section" if section_of(lead) else "of its site" for lead in leads]
    every = zip(days, sections, homes, strict=True)
    return [Crowd(day, one, most - math.log2(day * one), home) for day, one, home in every]


def _counted(values: Iterable[object]) -> list[int]:
    """For each value how many are the same."""
    found = list(values)
    counts = Counter(found)
    return [counts[value] for value in found]
