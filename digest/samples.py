"""Write a mail to files, as a sample reader gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest import render, variants
from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import editions
from digest.errors import NotFound
from digest.model import (
    AS_IT_COMES,
    Arm,
    Choice,
    Issue,
    IssueStatus,
    Message,
    Printed,
    Reader,
    Rendered,
    SubscriberId,
)
from digest.store import editions as stored

SAMPLE = Reader(SubscriberId(0), "reader@example.net", tokens.NOBODY, "A Reader")


#: Whose look may still change.
UNDECIDED = frozenset({IssueStatus.DRAFT, IssueStatus.HELD})


def sample(house: House, issue: Issue, choice: Choice = AS_IT_COMES) -> Rendered:
    """The mail with the sample reader's values in its slots. Raises NotFound where there is no draft."""
    return _filled(_message(house, issue, choice))


def write_sample(
    house: House,
    issue: Issue,
    folder: Path,
    choice: Choice = AS_IT_COMES,
    *,
    arm: Arm | None = None,
) -> Iterator[Path]:
    """The mail as `<period>.html`, `.txt` and `.eml`. Raises NotFound where there is no draft.

    arm: as the readers of a contest's test get it.
    """
    copy = _message(house, issue, choice, arm)
    filled = _filled(copy)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"html": filled.html.encode(), "txt": filled.text.encode(), "eml": copy.data}
    for ending, data in parts.items():
        path = folder / f"{issue.period}.{ending}"
        path.write_bytes(data)
        yield path.resolve()


def message(
    house: House, issue: Issue, choice: Choice = AS_IT_COMES, *, arm: Arm | None = None
) -> bytes:
    """The whole message as the sample reader's copy. Raises NotFound where there is no draft.

    arm: as the readers of a contest's test get it.
    """
    return _message(house, issue, choice, arm).data


def is_stale(house: House, issue: Issue) -> bool:
    """True where an approval would send another mail than a preview shows: the stored draft."""
    return issue.edition is not None and (
        printed_now(house, issue).rendered.checksum != issue.edition.checksum
    )


def printed_now(house: House, issue: Issue) -> Printed:
    """The edition; of a draft, what `digest build` would make of it with the schedule file as it is now.

    So an edited colour is seen at once. Raises NotFound where there is no draft.
    """
    if issue.edition is None:
        raise NotFound(f"the issue {issue.period} has no draft yet; `digest build` makes one")
    if issue.content is None or issue.status not in UNDECIDED:
        with house.database.read() as session:
            return stored.printed(session, issue.edition)
    schedule = house.schedule(issue.newsletter)
    return variants.print_all(issue.content, schedule, public_url=house.public_url)


def _message(house: House, issue: Issue, choice: Choice, arm: Arm | None = None) -> Message:
    """A sample reader's copy, made as everybody's. Raises NotFound where there is no such subject."""
    printed = printed_now(house, issue)
    if arm:
        printed = editions.of_arm(issue, printed, arm, public_url=house.public_url)
    made = editions.made(house, issue, printed.rendered, printed.variants)
    return made.message(SAMPLE._replace(choice=choice.text))


def _filled(message: Message) -> Rendered:
    return render.fill(message.mail.rendered, {"leave_url": message.values["leave_url"]})
