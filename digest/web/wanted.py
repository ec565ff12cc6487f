"""Which page of the desk was wanted by somebody who had to log in first."""

from __future__ import annotations

import re

from fastapi import Request, Response

from digest.bootstrap import House
from digest.web import sessions

#: Pages of the desk that may be come back to; nothing of another host looks like one, nor a way up.
_PAGE = re.compile(r"/desk(?:/(?!\.)[A-Za-z0-9_.-]{1,80}){0,6}")
#: As long as somebody may need to find the login's mail.
WAY_AGE = 1800


def remember_page(request: Request, response: Response) -> None:
    """Remember which page somebody without a session wanted to see: the login leads there.

    Only one that the browser itself went to (Fetch Metadata): no frame and no script asks for a login.
    """
    asked = request.headers.get("sec-fetch-dest", "document") == "document"
    if request.method == "GET" and asked and _PAGE.fullmatch(request.url.path):
        house: House = request.app.state.house
        sessions.remember(response, house, "page", request.url.path, max_age=WAY_AGE)


def wanted_page(request: Request) -> str:
    """Where the login leads to: the page that was asked for, else the desk's first."""
    return page_of(sessions.secret_of(request, "page"))


def page_of(then: str) -> str:
    """A page of the desk to go on at; its first one where none of ours is named."""
    return then if _PAGE.fullmatch(then) else "/desk"
