"""A contest of two subjects: a share of the readers gets one or the other first, the rest what did better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Arm(StrEnum):
    """One of the two subjects. A is the issue's own: what goes out where nothing can be told."""

    A = "a"
    B = "b"

    @property
    def letter(self) -> str:
        return self.value.upper()

    @property
    def other(self) -> Arm:
        return Arm.B if self is Arm.A else Arm.A


class Measure(StrEnum):
    """What decides. HAND: a person, who sees the clicks."""

    CLICKS = "clicks"
    OPENS = "opens"
    HAND = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """What editors want of a contest. second: subject B. share: percent of the readers, both arms together.

    wait_s: from the freezing of the audience until the rest goes.
    """

    second: str
    share: int
    wait_s: int
    measure: Measure

    @property
    def terms(self) -> str:
        """What an approval binds beside the two mails; one word a term."""
        return f"share={self.share} wait={self.wait_s} measure={self.measure} fallback={Arm.A}"


@dataclass(frozen=True, slots=True)
class Count:
    """One arm so far: how many of whom the mail reached did it."""

    hits: int
    reached: int

    @property
    def rate(self) -> float:
        return self.hits / self.reached if self.reached else 0.0
