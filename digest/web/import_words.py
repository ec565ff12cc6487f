"""What an import would do or did, in the words of the desk: who is new, who joins, who is left alone, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digest.audience.admission import Outcome
from digest.store.errands import Errand, Kind, State

#: The outcomes in groups, each with its words.
_GROUPS: Mapping[str, Mapping[Outcome, str]] = {
    "Come in": {
        Outcome.NEW: "new, confirmed from then on",
        Outcome.PENDING: "never confirmed there: kept as not confirmed, nobody mails them",
        Outcome.LEFT: "left there: noted, so that nobody mails them",
        Outcome.BARRED: "bounced, complained or blocked: suppressed",
    },
    "Change": {
        Outcome.ENDED: "here, but left there since: not mailed any more",
        Outcome.FILLED: "here already, and more becomes known of them",
    },
    "Are left alone": {
        Outcome.KNOWN: "here already, nothing changes",
        Outcome.HAS_LEFT: "left here: so it stays",
        Outcome.SUPPRESSED: "suppressed here: so it stays",
        Outcome.DOUBLE: "twice in the file",
    },
    "Are refused": {Outcome.REFUSED: "cannot be used"},
}

#: Where an errand stands, by its state; and how it looks.
STATES = {
    State.LOOKING: ("Is looked at", "draft"),
    State.LOOKED: ("Waits for your yes", "held"),
    State.RUNNING: ("Runs", "sending"),
    State.DONE: ("Done", "sent"),
    State.FAILED: ("Failed", "bad"),
    State.DROPPED: ("Dropped", ""),
}

KINDS = {
    Kind.IMPORT: "Readers from a file",
    Kind.BAR: "Addresses that must not be mailed",
    Kind.UNDO: "An import undone",
    Kind.ERASE: "A reader forgotten",
}

PLATFORMS = {
    "mailchimp": "Mailchimp",
    "substack": "Substack",
    "ghost": "Ghost",
    "listmonk": "listmonk",
    "buttondown": "Buttondown",
    "mailpoet": "MailPoet",
    "beehiiv": "beehiiv",
    "kit": "Kit",
    "sunday-catchup": "our own export",
    "csv": "a table of no system that we know",
}


@dataclass(frozen=True, slots=True)
class Group:
    """What becomes of some rows alike. lines: how many, and in which way."""

    title: str
    total: int
    lines: tuple[tuple[int, str], ...]


def groups(outcomes: Mapping[str, int]) -> list[Group]:
    """The groups in which there is anything, in their order."""
    found = []
    for title, words in _GROUPS.items():
        lines = tuple((outcomes[one], said) for one, said in words.items() if outcomes.get(one))
        if lines:
            found.append(Group(title, sum(count for count, _ in lines), lines))
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """What an errand tells of a file. tables: how each table of it is read. sure: no column had to be guessed."""

    platform: str
    total: int
    groups: list[Group]
    refused: tuple[tuple[str, int], ...]
    tables: tuple[tuple[str, str], ...]
    sure: bool
    odd: int
    resumed_at: int
    takes: int


def report(errand: Errand) -> Told | None:
    """What is known of an errand's file; None before it was looked at, and of an errand without one."""
    told: Mapping[str, Any] = errand.told
    if "outcomes" not in told:
        return None
    tables = told.get("tables", ())
    refused = sorted(told["refused"].items(), key=lambda one: (-one[1], one[0]))
    alone = sum(
        told["outcomes"].get(one, 0)
        for one in ("known", "has_left", "suppressed", "double", "refused")
    )
    return Told(
        PLATFORMS.get(told["platform"], told["platform"]),
        told["total"],
        groups(told["outcomes"]),
        tuple(refused),
        tuple((one["name"], one["columns"]) for one in tables),
        all(one["sure"] for one in tables),
        told["odd"],
        told["resumed_at"],
        told["total"] - alone,
    )
