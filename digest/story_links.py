"""Links to stories by way of this server (`mail/routes`), told apart for the two arms of a contest; no reader is named.

The one seam to the counting: what a link begins with says which arm its mail is of. An edition has the
plain prefix; copies of the test get their arm's in its place, right before they are encoded.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

from digest.mail.slots import SLOTS
from digest.model import Arm, Contest, Measure, Rendered


@dataclass(frozen=True, slots=True)
class Doorway:
    """Where the links of one issue lead. public_url: the server's own address, without a slash at its end."""

    public_url: str
    newsletter: str
    period: str

    def prefix(self, arm: Arm | None = None) -> str:
        """What every story link begins with; its code follows."""
        inner = f"{self.period}/{arm}" if arm else self.period
        return f"{self.public_url}/r/{self.newsletter}/{inner}/"


def counts_clicks(contest: Contest | None) -> bool:
    """True where the mail's story links are counted for a contest."""
    return contest is not None and contest.measure is not Measure.OPENS


def of_arm(rendered: Rendered, contest: Contest, arm: Arm, doorway: Doorway) -> Rendered:
    """A copy of the test: its links, or a picture of one point, say which arm it is of. The checksum stays."""
    if contest.measure is Measure.OPENS:
        point = f'<img src="{SLOTS["leave_url"]}/seen/{arm}" width="1" height="1" alt="" style="display:block" />'
        page, at = rendered.html, rendered.html.rfind("</body>")
        return replace(rendered, html=f"{page[:at]}{point}{page[at:]}" if at >= 0 else page + point)
    old, new = doorway.prefix(), doorway.prefix(arm)
    return replace(
        rendered,
        html=rendered.html.replace(html.escape(old), html.escape(new)),
        text=rendered.text.replace(old, new),
    )
