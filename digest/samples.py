"""Write a mail to files, as a sample reader gets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest import render
from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import compile as compiling
from digest.errors import NotFound
from digest.model import Issue, Reader, SubscriberId

SAMPLE = Reader(id=SubscriberId(0), address="reader@example.net", handle="0" * 22, name="A Reader")


def write_sample(house: House, issue: Issue, folder: Path) -> Iterator[Path]:
    """The edition as `<period>.html`, `.txt` and `.eml`. Raises NotFound where there is no draft."""
    if issue.edition is None:
        raise NotFound(f"the issue {issue.period} has no draft yet; `digest build` makes one")
    schedule = house.schedule(issue.newsletter)
    folder.mkdir(parents=True, exist_ok=True)
    leave = tokens.leave_token(house.key, issue.newsletter, SAMPLE.handle)
    url = f"{house.public_url}/leave/{issue.newsletter}/{leave}"
    filled = render.fill(issue.edition.rendered, {"leave_url": url})
    date, returns = issue.moments.send_at, house.returns
    envelope = compiling.envelope_of(schedule, date, house.public_url, returns=returns)
    mail = compiling.compile_edition(
        issue.edition.rendered, envelope, key=house.key, signer=house.signer
    )
    parts = {
        "html": filled.html.encode(),
        "txt": filled.text.encode(),
        "eml": mail.message(SAMPLE).data,
    }
    for ending, data in parts.items():
        path = folder / f"{issue.period}.{ending}"
        path.write_bytes(data)
        yield path.resolve()
