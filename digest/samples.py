"""Write a mail to files, as a sample reader gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest import render
from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import compile as compiling
from digest.errors import NotFound
from digest.model import Issue, Reader, Rendered, SubscriberId

SAMPLE = Reader(id=SubscriberId(0), address="reader@example.net", handle="0" * 22, name="A Reader")


def sample(house: House, issue: Issue) -> Rendered:
    """The edition with the sample reader's values in its slots. Raises NotFound where there is no draft."""
    leave = tokens.leave_token(house.key, issue.newsletter, SAMPLE.handle)
    url = f"{house.public_url}/leave/{issue.newsletter}/{leave}"
    return render.fill(_rendered(issue), {"leave_url": url})


def _rendered(issue: Issue) -> Rendered:
    if issue.edition is None:
        raise NotFound(f"the issue {issue.period} has no draft yet; `digest build` makes one")
    return issue.edition.rendered


def write_sample(house: House, issue: Issue, folder: Path) -> Iterator[Path]:
    """The edition as `<period>.html`, `.txt` and `.eml`. Raises NotFound where there is no draft."""
    filled = sample(house, issue)
    folder.mkdir(parents=True, exist_ok=True)
    schedule = house.schedule(issue.newsletter)
    date, returns = issue.moments.send_at, house.returns
    envelope = compiling.envelope_of(schedule, date, house.public_url, returns=returns)
    mail = compiling.compile_edition(_rendered(issue), envelope, key=house.key, signer=house.signer)
    parts = {
        "html": filled.html.encode(),
        "txt": filled.text.encode(),
        "eml": mail.message(SAMPLE).data,
    }
    for ending, data in parts.items():
        path = folder / f"{issue.period}.{ending}"
        path.write_bytes(data)
        yield path.resolve()
