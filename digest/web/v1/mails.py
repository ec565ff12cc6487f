"""An issue's mail as nobody in particular gets it."""

from __future__ import annotations

from digest import render
from digest.audience import tokens
from digest.bootstrap import House
from digest.errors import NotFound
from digest.model import Issue, Rendered


def filled(house: House, issue: Issue) -> Rendered:
    """The mail with the links of nobody in its slots. Raises NotFound where there is no draft yet."""
    if issue.edition is None:
        raise NotFound("this issue has no draft yet")
    token = tokens.leave_token(house.key, issue.newsletter, tokens.NOBODY)
    leave_url = f"{house.public_url}/leave/{issue.newsletter}/{token}"
    return render.fill(issue.edition.rendered, {"leave_url": leave_url})
