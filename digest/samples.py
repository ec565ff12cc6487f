"""Write a mail to files, as a sample reader gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest import render
from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import compile as compiling
from digest.errors import NotFound
from digest.model import Issue, IssueStatus, Reader, Rendered, SubscriberId

SAMPLE = Reader(id=SubscriberId(0), address="reader@example.net", handle="0" * 22, name="A Reader")


#: Whose look may still change.
UNDECIDED = frozenset({IssueStatus.DRAFT, IssueStatus.HELD})


def sample(house: House, issue: Issue) -> Rendered:
    """The mail with the sample reader's values in its slots. Raises NotFound where there is no draft."""
    leave = tokens.leave_token(house.key, issue.newsletter, SAMPLE.handle)
    url = f"{house.public_url}/leave/{issue.newsletter}/{leave}"
    return render.fill(rendered_now(house, issue), {"leave_url": url})


def write_sample(house: House, issue: Issue, folder: Path) -> Iterator[Path]:
    """The mail as `<period>.html`, `.txt` and `.eml`. Raises NotFound where there is no draft."""
    filled = sample(house, issue)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        "html": filled.html.encode(),
        "txt": filled.text.encode(),
        "eml": message(house, issue),
    }
    for ending, data in parts.items():
        path = folder / f"{issue.period}.{ending}"
        path.write_bytes(data)
        yield path.resolve()


def message(house: House, issue: Issue) -> bytes:
    """The whole message as the sample reader's copy. Raises NotFound where there is no draft."""
    schedule, date = house.schedule(issue.newsletter), issue.moments.send_at
    envelope = compiling.envelope_of(schedule, date, house.public_url, returns=house.returns)
    rendered = rendered_now(house, issue)
    mail = compiling.compile_edition(rendered, envelope, key=house.key, signer=house.signer)
    return mail.message(SAMPLE).data


def is_stale(house: House, issue: Issue) -> bool:
    """True where an approval would send another mail than a preview shows: the stored draft."""
    return issue.edition is not None and (
        rendered_now(house, issue).checksum != issue.edition.checksum
    )


def rendered_now(house: House, issue: Issue) -> Rendered:
    """The edition; of a draft, what `digest build` would make of it with the schedule file as it is now.

    So an edited colour is seen at once. Raises NotFound where there is no draft.
    """
    if issue.edition is None:
        raise NotFound(f"the issue {issue.period} has no draft yet; `digest build` makes one")
    if issue.content is None or issue.status not in UNDECIDED:
        return issue.edition.rendered
    schedule = house.schedule(issue.newsletter)
    return render.render(issue.content, schedule, public_url=house.public_url)
