"""A login link that the command line prints: for the first login, before mail leaves, and for who gets none.

Who types commands in the house may do everything to it anyway. The link is bound to no browser, good once and
for as short a time as a mailed one; a seat that wants a second proof wants it here as well.
"""

from __future__ import annotations

from digest.bootstrap import House
from digest.store import editors, events, tokens
from digest.store.editors import Editor
from digest.web import sessions

#: Each begins a session, and is recorded.
_ENTERED = ("logged in", "set up the desk")


def link(house: House, editor: Editor, *, by: str) -> str:
    """A login link for a seat, once. by: who asked for it, for the log."""
    now, lifetime = house.clock(), sessions.LOGIN_LIFETIME
    with house.database.write() as session:
        secret = tokens.issue(
            session, purpose="login", subject=editor.id, now=now, lifetime=lifetime
        )
        action, subject = "printed a login link", f"editor:{editor.id}"
        events.record(session, at=now, actor=by, action=action, subject=subject)
    return f"{house.public_url}/desk/login/{secret}"


def newcomer(house: House) -> Editor | None:
    """The first admin, where nobody has ever been at the desk."""
    with house.database.read() as session:
        if any(events.find(session, events.Wanted(action=one), limit=1) for one in _ENTERED):
            return None
        return next((one for one in editors.all(session) if one.role == "admin"), None)
