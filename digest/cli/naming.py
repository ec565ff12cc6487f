"""How a command names an issue: `2026-11-29` where there is one newsletter, else `sunday/2026-11-29`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from digest.bootstrap import House
    from digest.model import Issue

Edition = Annotated[
    str | None, typer.Argument(help="2026-11-29, or sunday/2026-11-29; default: the newest.")
]
Variant = Annotated[
    str, typer.Option("--variant", help="In another language or theme: de, plain, de.plain.")
]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="As for who leaves out this section.")
]
First = Annotated[
    list[str] | None, typer.Option("--first", help="As for who has this section first.")
]
EditionOption = Annotated[str | None, typer.Option("--edition", help="The same, as an option.")]


def issue_of(house: House, edition: str | None) -> Issue:
    """The issue that a person named; of a newsletter alone its newest. Raises NotFound with what there is."""
    from digest.errors import NotFound
    from digest.store import issues

    named, _, period = (edition or "").rpartition("/")
    if period in house.schedules:
        named, period = period, ""
    keys = [house.schedule(named).key] if named else list(house.schedules)
    if period and len(keys) > 1:
        if not period[:1].isdigit():
            house.schedule(period)  # says which newsletters there are
        raise NotFound(f"which newsletter? say {keys[0]}/{period}")
    with house.database.read() as session:
        if period:
            found = issues.get(session, keys[0], period)
        else:
            newest = [one for key in keys for one in issues.recent(session, key, limit=3)]
            found = _most_pressing(newest)
        if found is None:
            known = [one.period for one in issues.recent(session, keys[0], limit=5)]
            there = (
                f"there are: {', '.join(known)}" if known else "there are none yet: the first one "
            )
            there += (
                "" if known else "opens with its first story (`digest collect`, `digest build`)"
            )
            raise NotFound(f"no issue{' ' + edition if edition else ''}; {there}")
    return found


def _most_pressing(found: list[Issue]) -> Issue | None:
    """The newest issue with a draft, else the newest."""
    drafted = [issue for issue in found if issue.edition is not None]
    return max(drafted or found, key=lambda issue: issue.period, default=None)
