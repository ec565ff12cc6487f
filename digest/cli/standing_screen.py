"""`digest status` for people: a line for what is as it should be, more for what is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

#: What became of copies that were accepted, in words.
AFTER = {
    "hard": "bounced for good",
    "soft": "bounced for now",
    "complaint": "complained",
    "left": "left by the provider's button",
    "held": "refused with so many others that nobody is suppressed for it (see `digest doctor`)",
    "forgiven": "came back, and is forgiven",
    "ours": "came back because of us, not of the reader",
}


def print_standing(found: Mapping[str, Any]) -> None:
    """Everything that `standing` found."""
    console = Console()
    for one in found["newsletters"]:
        console.print(Text(f"{one['name']} ({one['key']})", style="bold"))
        counted = [f"{n} {state}{_but(one, state)}" for state, n in one["readers"].items()]
        readers = ", ".join(counted) or "none yet"
        console.print(f"  readers: {readers}")
        for issue in one["issues"]:
            for line in _issue(issue):
                console.print(line, soft_wrap=True)
        for source in one["sources"]:
            console.print(Text(f"  source {source['key']}: {source['health']}"))
    for rest in found["resting"]:
        console.print(_resting(rest), soft_wrap=True)
    last = found["reconciled_at"]
    when = f"{dt.datetime.fromisoformat(last):%a %d %b %H:%M} UTC" if last else "never"
    console.print(f"last reconcile: {when}; {found['notices_waiting']} notice(s) waiting")


def _but(one: Mapping[str, Any], state: str) -> str:
    """How many of the confirmed are suppressed, if any."""
    some = one["suppressed"] if state == "confirmed" else 0
    return f" ({some} of them suppressed)" if some else ""


def _issue(issue: Mapping[str, Any]) -> Iterator[Text]:
    send = issue["send"]
    counts = ", ".join(f"{n} {state}" for state, n in issue["deliveries"].items() if n)
    after = ", ".join(f"{n} {AFTER.get(what, what)}" for what, n in issue["after"].items())
    counts += f"; since then: {after}" if after else ""
    reason = f" ({issue['reason']})" if issue["reason"] else ""
    status = f"cancelled by {send['cancelled_by']}" if _ended(issue) else issue["status"]
    yield Text(f"  {issue['period']}  {status}{reason}" + (f"  {counts}" if counts else ""))
    if send and send["status"] == "paused":
        yield from _paused(send)
    if send and send["status"] != "done" and send["deferred"]:
        late = send["deferred"]
        told = f"{late['readers']} deferred: {late['reply']}; next try {_clock(late['next_try'])}"
        yield Text(f"    {told}")


def _ended(issue: Mapping[str, Any]) -> bool:
    return str(issue["status"]) == "cancelled"


def _paused(send: Mapping[str, Any]) -> Iterator[Text]:
    since = f" since {_clock(send['since'])}" if send["since"] else ""
    by = f" with {send['provider']}" if send["provider"] else ""
    if send["waits_for_a_person"]:
        yield Text(f"    PAUSED{since}{by}, waits for a person: {send['reason']}", style="bold red")
        yield Text(f"    what to do: {send['remedy']}")
    else:
        yield Text(f"    paused{since}{by} until {_clock(send['until'])}: {send['reason']}")


def _resting(rest: Mapping[str, Any]) -> Text:
    instead = f"; {rest['instead']} goes on" if rest["instead"] else ""
    remedy = f" ({rest['remedy']})" if rest["remedy"] else ""
    told = f"{rest['provider']} rests until {_clock(rest['until'])}: {rest['why']}{remedy}{instead}"
    return Text(f"  provider {told}")


def _clock(iso: str) -> str:
    """`Sun 29 Nov 03:12 UTC`, in the zone that the time was told in."""
    moment = dt.datetime.fromisoformat(iso)
    offset = moment.utcoffset()
    zone = "UTC" if not offset else f"{moment:UTC%z}"
    return f"{moment:%a} {moment.day} {moment:%b %H:%M} {zone}"
