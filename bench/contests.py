"""How often a contest of two subjects errs: `python bench/contests.py [contests]`.

Draws contests whose truth is known, judges each as a send does, and prints: between equals, how many had a
winner; between unequals, how many named the better one and how many the worse; and how many intervals held the true difference.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import contests, proportions  # noqa: E402
from digest.model import Arm, Count, Measure  # noqa: E402

#: Readers an arm, and the true rates of A and B.
TRUTHS = (
    (199, 0.10, 0.10),
    (1000, 0.10, 0.10),
    (5000, 0.03, 0.03),
    (199, 0.10, 0.20),
    (1000, 0.10, 0.14),
    (3841, 0.10, 0.12),
)


def main(rounds: int) -> None:
    """One line a truth."""
    dice = numpy.random.default_rng(1)
    print("readers an arm   A      B      B chosen   A told better   intervals with the truth")
    for readers, rate, other in TRUTHS:
        better, worse, held = 0, 0, 0
        for _ in range(rounds):
            a, b = (Count(int(dice.binomial(readers, one)), readers) for one in (rate, other))
            verdict = contests.judge(Measure.CLICKS, a, b)
            better += verdict.winner is Arm.B
            worse += verdict.told and verdict.winner is Arm.A
            low, high = proportions.interval(a, b)
            held += low <= other - rate <= high
        shares = (f"{100 * one / rounds:.1f} %" for one in (better, worse, held))
        print(
            f"{readers:>14}   {rate:.0%}   {other:.0%}   "
            + "   ".join(f"{one:>8}" for one in shares)
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
