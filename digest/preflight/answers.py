"""What the servers said that the mail's links lead to. Warnings only: a network that is away forbids nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.model import LinkAnswer, LinkState
from digest.preflight.findings import Finding, warning

#: What is wrong, and what to do, for each way in which a link may stand badly.
_WRONG = {
    LinkState.MISSING: (
        "A link leads to nothing",
        "Correct the address at its source, or leave the story out.",
    ),
    LinkState.FAILING: (
        "A link leads to a page that fails",
        "Open it yourself; it is asked again within the hour.",
    ),
    LinkState.SILENT: (
        "A link could not be opened",
        "Open it yourself; it is asked again within the hour.",
    ),
    LinkState.BARRED: (
        "A link leads to where readers cannot get",
        "Correct the address at its source.",
    ),
}


def check(found: Sequence[LinkAnswer]) -> Iterator[Finding]:
    """Each link that a reader would open in vain. Where nobody answered at all, it is our own network."""
    silent = [one for one in found if one.state is LinkState.SILENT]
    if len(silent) > 1 and len(silent) == len(found):
        yield warning(
            f"None of {len(found)} links could be opened: the first, {_shown(found[0])}, gave {found[0].said}.",
            "Look at this server’s own way to the internet; they are asked again within the hour.",
        )
        return
    for one in found:
        if one.state in _WRONG:
            wrong, todo = _WRONG[one.state]
            yield warning(f"{wrong}: {_shown(one)} ({one.said}).", todo, url=one.url)


def _shown(one: LinkAnswer) -> str:
    return f"“{one.url[:80]}”"
