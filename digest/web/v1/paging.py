"""Lists in pages: the newest first, below a cursor, so that what is added meanwhile moves nothing (RFC 8288)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from digest.bootstrap import House
from digest.web.v1.problems import FieldError, Problem

T = TypeVar("T")
MOST, USUAL = 200, 50
#: No row of either database has a higher number.
LARGEST = 2**62

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at the most.")]
Cursor = Annotated[
    str, Query(max_length=200, description="Where to go on: `next` of the page before, as it came.")
]


class Page(BaseModel, Generic[T]):
    """Some of a list. next: the cursor of the page after this one; null on the last one."""

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of which list is asked for."""

    request: Request
    response: Response
    limit: int
    cursor: str

    def below(self) -> int | None:
        """The number below which the page begins. Raises Problem for a cursor that is none of ours."""
        return number_of(self.cursor)

    def page(self, items: Sequence[T], next_: int | str | None) -> Page[T]:
        """The page; where there is a next one, its address is in the Link header as well."""
        cursor = None if next_ is None else written(next_)
        if cursor is not None:
            house: House = self.request.app.state.house
            query = self.request.url.include_query_params(cursor=cursor, limit=self.limit).query
            url = f"{house.public_url}{self.request.url.path}?{query}"
            self.response.headers["link"] = f'<{url}>; rel="next"'
        return Page(items=list(items), next=cursor)

    def of_all(self, every: Sequence[T], name: Callable[[T], str]) -> Page[T]:
        """A page of a short list that is there as a whole, below the item with the cursor's name."""
        after = text_of(self.cursor)
        names = [name(one) for one in every]
        start = names.index(after) + 1 if after in names else 0
        if after is not None and after not in names:
            raise _foreign()
        items = every[start : start + self.limit]
        more = start + len(items) < len(every)
        return self.page(items, name(items[-1]) if more else None)


def _paging(
    request: Request, response: Response, limit: Limit = USUAL, cursor: Cursor = ""
) -> Paging:
    return Paging(request, response, limit, cursor)


PagingHere = Annotated[Paging, Depends(_paging)]


def written(place: int | str) -> str:
    """A cursor, in letters that an address may hold."""
    kind = "n" if isinstance(place, int) else "t"
    return base64.urlsafe_b64encode(f"{kind}{place}".encode()).decode().rstrip("=")


def number_of(cursor: str) -> int | None:
    """The number in a cursor; None for an empty one. Raises Problem."""
    found = _read(cursor, "n")
    if found is None:
        return None
    if not (found.isascii() and found.isdecimal() and len(found) < 20 and int(found) <= LARGEST):
        raise _foreign()
    return int(found)


def text_of(cursor: str) -> str | None:
    """The words in a cursor; None for an empty one. Raises Problem."""
    found = _read(cursor, "t")
    if found is not None and not (found.isprintable() and len(found) <= 100):
        raise _foreign()
    return found


def _read(cursor: str, kind: str) -> str | None:
    if not cursor:
        return None
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = data.decode()
    except (binascii.Error, ValueError):
        raise _foreign() from None
    if not found.startswith(kind):
        raise _foreign()
    return found[1:]


def _foreign() -> Problem:
    told = FieldError(detail="this is no cursor of this list", parameter="cursor")
    return Problem("invalid", "Cursor: this is no cursor of this list.", (told,))
