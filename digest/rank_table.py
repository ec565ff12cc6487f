"""The table `[rank]` of a schedule: what counts how much."""

from __future__ import annotations

from pydantic import Field

from digest.strict_table import StrictTable
from digest.values import Points, Weight


class RankTable(StrictTable):
    """What counts how much; every part is shown in the reasons."""

    reactions: Weight = 1.0
    comments: Weight = 1.0
    rating: Weight = 0.7
    views: Weight = 0.7
    mixture: Weight = 0.3
    coverage: Weight = 1.2
    length: Weight = 0.4
    originality: Weight = 0.5
    recency: Weight = 0.3
    sections: dict[str, Points] = Field(default_factory=dict)
    sources: dict[str, Points] = Field(default_factory=dict)

    @property
    def signs(self) -> dict[str, float]:
        """The weights of what is counted of readers."""
        return {"reactions": self.reactions, "comments": self.comments, "views": self.views}
