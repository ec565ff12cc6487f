"""A council's meetings as stories: `kind = "minutes"` in a schedule's `[[sources]]`.

What the council publishes at `url` is JSON:
`{"meetings": [{"id": "114", "title": "…", "held": "2026-11-24T18:00:00+01:00", "committee": "harbour", "link": "https://…", "minutes": "…"}]}`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from digest.errors import BadInput, FetchError
from digest.model import DateSource, IncomingArticle
from digest.plugins import Options, Place, SourcePlugin
from digest.protocols import Collected, PollState
from digest.sources.fetch import fetch


class MinutesOptions(Options):
    """committee: only its meetings. Empty: all of them."""

    committee: str = ""


@dataclass(frozen=True, slots=True)
class MinutesSource:
    """What `make` gives: it has a `key` and can be polled."""

    place: Place[MinutesOptions]

    @property
    def key(self) -> str:
        return self.place.key

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """The meetings that were held. One that cannot be read is told beside the others."""
        url = self.place.url or ""
        found = fetch(url, state=state, allowed=self.place.allowed, accept="application/json")
        if found.unchanged:
            return Collected((), state=found.state)
        articles: list[IncomingArticle] = []
        errors: list[BadInput] = []
        for meeting in _meetings(found.body, url):
            try:
                articles += self._stories(meeting, now)
            except (KeyError, TypeError, ValueError) as error:
                errors.append(BadInput(str(meeting)[:60], f"is no meeting: {error!r}"))
        return Collected(tuple(articles), tuple(errors), found.state)

    def _stories(self, meeting: Mapping[str, Any], now: dt.datetime) -> Iterator[IncomingArticle]:
        """The meeting's story; none where it is not held yet, or is another committee's."""
        held = dt.datetime.fromisoformat(meeting["held"])
        wanted = self.place.options.committee
        if held > now or (wanted and meeting["committee"] != wanted):
            return
        yield IncomingArticle(
            source=self.key,
            source_id=str(meeting["id"]),
            url=meeting["link"],
            title=meeting["title"],
            text=meeting["minutes"],
            section=meeting["committee"].capitalize(),
            published_at=held,
            date_source=DateSource.SOURCE,
        )


def _meetings(body: bytes, url: str) -> list[Any]:
    try:
        found = json.loads(body)["meetings"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FetchError(url, "is no list of meetings") from error
    return found if isinstance(found, list) else []


PLUGIN = SourcePlugin(make=MinutesSource, options=MinutesOptions, needs=frozenset({"url"}))
