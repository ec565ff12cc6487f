"""What an export holds: items that are turned into articles one by one, a batch at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import TypeAdapter

from digest.model import IncomingArticle


@dataclass(frozen=True, slots=True)
class Item:
    """One item. article: makes its article; None where it is not out. Raises BadInput."""

    name: str
    article: Callable[[], IncomingArticle | None]


Items = list[Item]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be read. now: what is dated later is not out. base_url: the site's address."""

    path: str
    now: dt.datetime
    base_url: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles of some items in their order. done: how many items they were made of; total: of how many."""

    kind: str
    total: int
    done: int = 0
    articles: tuple[IncomingArticle, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()


ORDER, BATCH = TypeAdapter(Order), TypeAdapter(Batch)
