"""A form of preferences as it came in: which fields there may be, and what they make of what was chosen before."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import available_timezones

from starlette.datastructures import FormData

from digest.audience.preferences import WEEKS
from digest.errors import BadInput
from digest.model import Cadence, Issue, Preferences
from digest.schedules import Schedule
from digest.web.forms import CONTROLS

#: Sections that a form may show, and letters of one field.
MOST_SECTIONS, LONGEST = 60, 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was sent. language, theme, zone: None where the form did not ask, or to leave it so.

    snooze: weeks, "keep" or "" for none.
    """

    name: str
    language: str | None
    theme: str | None
    shown: frozenset[str]
    wanted: frozenset[str]
    cadence: Cadence
    snooze: str
    zone: str | None

    def unwanted(self, before: Preferences) -> frozenset[str]:
        """Only what the form showed is changed: a section may be new since."""
        return (before.unwanted - self.shown) | (self.shown - self.wanted)

    def nothing_left(self, before: Preferences) -> bool:
        return bool(self.shown) and self.shown <= self.unwanted(before)

    def applied(self, before: Preferences, *, now: dt.datetime) -> Preferences:
        """The reader's choices from now on."""
        until = before.snoozed_until if self.snooze == "keep" else None
        if self.snooze.isdigit():
            until = now + dt.timedelta(weeks=int(self.snooze))
        return dataclasses.replace(
            before,
            name=self.name,
            language=before.language if self.language is None else self.language,
            theme=before.theme if self.theme is None else self.theme,
            unwanted=self.unwanted(before),
            cadence=self.cadence,
            snoozed_until=until,
            timezone=before.timezone if self.zone is None else self.zone,
        )


def chosen_by(form: FormData, schedule: Schedule) -> Chosen:
    """Read a form of a newsletter. Raises BadInput for any that is not ours."""
    fields = {name: _text(name, value) for name, value in form.multi_items()}
    shown = frozenset(value for name, value in fields.items() if name.startswith("shown."))
    wanted = frozenset(value for name, value in fields.items() if name.startswith("section."))
    plain = {n: v for n, v in fields.items() if not n.startswith(("shown.", "section."))}
    known = {"name", "language", "theme", "cadence", "snooze", "zone"}
    zone = plain.get("zone")
    good = (
        len(shown) <= MOST_SECTIONS
        and wanted <= shown
        and plain.keys() <= known
        and plain.get("language", "") in {"", "keep", *schedule.variants.languages}
        and plain.get("theme", "") in {"", "keep", *schedule.variants.themes}
        and plain.get("cadence", "weekly") in set(Cadence)
        and plain.get("snooze", "") in {"", "keep", *map(str, WEEKS)}
        and (not zone or zone in available_timezones())
    )
    if not good:
        raise BadInput("form", "please look again at what you chose")
    return Chosen(
        name=plain.get("name", "")[:100],
        language=_told(plain.get("language")),
        theme=_told(plain.get("theme")),
        shown=shown,
        wanted=wanted,
        cadence=Cadence(plain.get("cadence", "weekly")),
        snooze=plain.get("snooze", ""),
        zone=zone,
    )


def _told(value: str | None) -> str | None:
    return None if value == "keep" else value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or CONTROLS.search(value):
        raise BadInput("form", f"please look again at: {name[:20]}")
    return value.strip()


def section_names(
    schedule: Schedule, past: Iterable[Issue], unwanted: frozenset[str]
) -> tuple[str, ...]:
    """The sections that a reader may choose from: the schedule's order, then those of late issues."""
    if not schedule.variants.sections:
        return ()
    seen = [section.name for issue in past if issue.content for section in issue.content.sections]
    names = dict.fromkeys((*schedule.compose.section_order, *sorted({*seen, *unwanted})))
    return tuple(name for name in names if name and len(name) <= LONGEST)[:MOST_SECTIONS]
