"""In what form of the mail an editor looks at an issue: asked for in the address, so that it can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import Depends, Query

from digest.mail import cuts
from digest.model import Arm, Choice, Rendered, SubscriberId

NOBODY = SubscriberId(0)
#: Sections in an address; more has no issue.
MOST = 60


@dataclass(frozen=True, slots=True)
class Chosen:
    """A variant by its key, the sections that are left out, and the arm of a contest; empty: as it comes.

    noted: the look at one reader's own copy instead, as `noted.address`; reader: whose that is, once it is known.
    """

    variant: str = ""
    without: tuple[str, ...] = ()
    arm: str = ""
    noted: str = ""
    reader: SubscriberId = NOBODY

    @property
    def query(self) -> str:
        """As it stands in an address; empty where nothing was chosen."""
        if self.noted:
            return urlencode([("reader", self.noted)])
        named = [("variant", self.variant)] if self.variant else []
        arm = [("arm", self.arm)] if self.arm else []
        return urlencode([*named, *(("without", name) for name in self.without), *arm])

    @classmethod
    def of(cls, query: str) -> Chosen:
        """What `query` says."""
        asked = parse_qs(query)
        arm = _arm(asked.get("arm", [""])[0])
        return cls(asked.get("variant", [""])[0], tuple(asked.get("without", ())[:MOST]), arm)

    def choice(self, forms: Mapping[str, Rendered]) -> Choice:
        """As a reader's choice; of what an edition has no form of nothing is left."""
        if not forms or not (self.variant in forms or self.without):
            return Choice()
        key = self.variant if self.variant in forms else next(iter(forms))
        language, _, theme = key.rpartition(".")
        return Choice(language, theme, self.without)

    def shown(self, rendered: Rendered, forms: Mapping[str, Rendered]) -> Rendered:
        """The form itself, whole: `rendered` where nothing was chosen."""
        choice = self.choice(forms)
        if choice == Choice():
            return rendered
        return cuts.put_together(forms[f"{choice.language}.{choice.theme}"], choice.unwanted)


def _arm(asked: str) -> str:
    return asked if asked in set(Arm) else ""


def _asked(
    variant: str = "",
    without: Annotated[list[str] | None, Query()] = None,
    arm: str = "",
    reader: str = "",
) -> Chosen:
    if reader:
        return Chosen(noted=reader)
    left_out = tuple(name[:200] for name in (without or [])[:MOST])
    return Chosen(variant[:50], left_out, _arm(arm))


ChosenHere = Annotated[Chosen, Depends(_asked)]
