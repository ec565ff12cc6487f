"""What stands in the list of mails: the subject, and the preheader beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.preflight.findings import Finding, Item, error, warning

#: A subject that a telephone still shows.
LONG_SUBJECT = 70

_PLACEHOLDER = re.compile(r"\{[a-z_]*\}")
_WHERE = "[compose] subject in the schedule"


def check(subject: str, preheader: str) -> Iterator[Finding]:
    """Both, as they were rendered."""
    yield from _subject(subject.strip())
    yield from _preheader(preheader.strip(), subject.strip())


def _subject(subject: str) -> Iterator[Finding]:
    if not subject:
        yield error(
            "The subject is empty.", f"Write one into {_WHERE}, and build again.", item=Item.SUBJECT
        )
    if len(subject) > LONG_SUBJECT:
        yield warning(
            f"The subject has {len(subject)} characters; telephones show {LONG_SUBJECT}.",
            "Shorten the lead's title, or say what matters at its beginning.",
            item=Item.SUBJECT,
        )
    if _PLACEHOLDER.search(subject):
        yield warning(
            "The subject holds a placeholder in braces that nothing filled.",
            f"Look at its spelling in {_WHERE}.",
            item=Item.SUBJECT,
        )
    if len(subject) > 8 and subject.isupper():
        yield warning(
            "The subject is all capitals; mail filters take that for shouting.",
            "Write it as a sentence.",
            item=Item.SUBJECT,
        )


def _preheader(preheader: str, subject: str) -> Iterator[Finding]:
    if not preheader:
        yield warning(
            "The preheader is empty: the list of mails will show the masthead.",
            "It is made of the titles after the lead: see whether they came in.",
            item=Item.PREHEADER,
        )
    elif subject and preheader.casefold().startswith(subject.casefold()):
        yield warning(
            "The preheader repeats the subject.",
            "Let one of them say what the other does not.",
            item=Item.PREHEADER,
        )
