"""Every page that people see, in every state: what pictures, Lighthouse and the narrow-screen tests go through.

A page more is a line more in LOOKS. A route that is not pictured stands in NOT_PICTURED with the reason.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route
from starlette.routing import compile_path

from digest.bootstrap import House
from digest.store import subscribers, tokens
from digest.web import sessions
from tests.browser import PATIENCE
from tests.past_issues import period_of
from tests.queue_of import notices_of
from tests.web import lived_in
from tests.web.people import later, seated
from tests.web.scenes import HOUSES, PERIOD, READER, SCENES, Act_, the_issue
from tests.web.served import served
from tests.web.test_preferences import preferences_path
from tests.web.test_public import leave_path
from tests.web.test_roles import TABLE

ISSUE = f"/desk/sunday/{PERIOD}"

Path_ = str | Callable[[House], str]
Act = Callable[[Page, House], None]


@dataclass(frozen=True, slots=True)
class Look:
    """One page in one state. scene: one of SCENES. act: what is done on it before it is looked at.

    path: or what knows it, with its `route` then. seat: the role that looks; empty for a reader.
    measured: also by Lighthouse, which opens its address anew.
    """

    name: str
    path: Path_
    route: str = ""
    scene: str = "saturday"
    seat: str = ""
    act: Act | None = None
    measured: bool = True


def press(button: str, **fields: str) -> Act:
    """Fill in fields by their labels and press a button by its name."""

    def act(page: Page, house: House) -> None:
        for label, value in fields.items():
            page.get_by_label(label.replace("_", " ")).first.fill(value)
        posted(page, page.get_by_role("button", name=button).first)

    return act


def posted(page: Page, button: Locator) -> None:
    """Press a button and wait for what its POST leads to."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        button.click(no_wait_after=True)
    page.wait_for_timeout(500)
    page.wait_for_load_state("load")


def opened(*summaries: str) -> Act:
    """Open what is folded."""

    def act(page: Page, house: House) -> None:
        for one in summaries:
            page.locator("summary", has_text=one).first.click()

    return act


# ---------------------------------------------------------------- the pages


def _story(house: House) -> str:
    content = the_issue(house).content
    assert content is not None
    return f"{ISSUE}/story/{content.stories[1].article_id}"


def _approval(house: House) -> str:
    edition = the_issue(house).edition
    assert edition is not None
    return f"{ISSUE}/approval/{edition.rendered.checksum}"


def _changed_since(page: Page, house: House) -> None:
    """Somebody writes another subject while the page is open."""
    _write_subject(page.context, house, "Another subject altogether")
    page.goto(page.url)


def _write_subject(context: BrowserContext, house: House, subject: str) -> None:
    other = context.new_page()
    other.goto(f"{house.public_url}{ISSUE}")
    other.get_by_label("Subject", exact=True).fill(subject)
    posted(other, other.get_by_role("button", name="Save these words"))
    other.close()


def _conflict(page: Page, house: House) -> None:
    """Two editors change the subject; the second one is told."""
    page.get_by_label("Subject", exact=True).fill("What I would rather call it")
    _write_subject(page.context, house, "What somebody else calls it")
    posted(page, page.get_by_role("button", name="Save these words"))


def _link(kind: str, name: str) -> Callable[[House], str]:
    """The newest mailed link of a kind."""
    return lambda house: path_in(house, str(notices_of(house.database, kind)[-1].data[name]))


def path_in(house: House, url: str) -> str:
    """The path of a link, whose host is that of the house before it was served."""
    return "/" + url.split("/", 3)[3]


def _reader(house: House) -> str:
    with house.database.read() as session:
        alice = subscribers.by_address(session, READER)
    assert alice is not None
    return f"/desk/readers/{alice.id}"


def _half_in(page: Page, house: House) -> None:
    """Erin has opened a mailed link; a code is wanted too."""
    with house.database.write() as session:
        half = tokens.issue(
            session,
            purpose="half",
            subject=lived_in.editor(session, "admin"),
            now=house.clock(),
            lifetime=sessions.LOGIN_LIFETIME,
        )
    page.context.add_cookies([{"name": "half", "value": half, "url": house.public_url}])
    page.goto(f"{house.public_url}/desk/login/code")


STORY = "/desk/{newsletter}/{period}/story/{story}"
APPROVAL = "/desk/{newsletter}/{period}/approval/{checksum}"

LOOKS: tuple[Look, ...] = (
    # readers
    Look("newsletters", "/"),
    Look("sign up", "/n/sunday"),
    Look(
        "sign up, a slip",
        "/n/sunday",
        act=press("Subscribe", address="alice@example"),
        measured=False,
    ),
    Look(
        "sign up, asked",
        "/n/sunday",
        act=press("Subscribe", address="carol@example.net"),
        measured=False,
    ),
    Look("confirm", _link("confirm", "confirm_url"), "/confirm/{token}"),
    Look("confirm, gone", "/confirm/x", measured=False),
    Look("leave", lambda house: leave_path(house, READER), "/leave/{newsletter}/{token}"),
    Look("leave, gone", "/leave/sunday/x", measured=False),
    Look(
        "choices by the link to leave",
        lambda house: f"{leave_path(house, READER)}/choices",
        "/leave/{newsletter}/{token}/choices",
    ),
    Look(
        "preferences",
        lambda house: preferences_path(house, READER),
        "/preferences/{newsletter}/{token}",
    ),
    Look("preferences, asked", "/preferences/sunday"),
    Look("preferences, gone", "/preferences/sunday/x", measured=False),
    Look("move", _link("moved", "confirm_url"), "/move/{token}"),
    Look("stay", _link("moving", "stop_url"), "/stay/{token}"),
    Look("archive, empty", "/archive/sunday", scene="empty"),
    Look("archive", "/archive/sunday", scene="sent"),
    Look("an edition", f"/archive/sunday/{PERIOD}", scene="sent"),
    Look("sign up, with the last issue", "/n/sunday", scene="sent"),
    Look(
        "an edition, off the web", f"/archive/sunday/{PERIOD}", scene="off the web", measured=False
    ),
    Look("nothing there", "/nowhere", measured=False),
    # the desk's door
    Look(
        "set up",
        lambda house: path_in(house, str(sessions.setup_link(house, house.clock()))),
        "/desk/setup/{token}",
        scene="empty",
    ),
    Look("set up, gone", "/desk/setup/x", measured=False),
    Look("login", "/desk/login"),
    Look(
        "login, asked",
        "/desk/login",
        act=press("Send me a link", email_address="erin@example.net"),
        measured=False,
    ),
    Look("login, gone", "/desk/login/x", measured=False),
    # the desk
    Look("desk, empty", "/desk", scene="empty", seat="admin"),
    Look("desk", "/desk", seat="publisher"),
    Look("desk, sending", "/desk", scene="sending", seat="publisher"),
    Look("readers", "/desk/readers", seat="viewer"),
    Look("form for a site", "/desk/readers/sunday/form", seat="viewer"),
    Look("readers found", "/desk/readers/search", seat="editor"),
    Look("readers found, a viewer's", "/desk/readers/search", seat="viewer", measured=False),
    Look(
        "readers found, nobody",
        "/desk/readers/search",
        seat="editor",
        act=press("Find", **{"Address,_name,_or_a_part_of_either": "qqq"}),
        measured=False,
    ),
    Look(
        "reader",
        _reader,
        "/desk/readers/{number}",
        seat="admin",
        act=opened("They asked to leave", "Suppress the address"),
    ),
    Look("reader, a viewer's", _reader, "/desk/readers/{number}", seat="viewer", measured=False),
    Look(
        "reader, to be forgotten",
        lambda house: f"{_reader(house)}/erase",
        "/desk/readers/{number}/erase",
        seat="admin",
    ),
    Look("imports", "/desk/house/imports", seat="admin"),
    Look("import, dry run", "/desk/house/errands/1", seat="admin"),
    Look("import, taken over", "/desk/house/errands/2", seat="admin", measured=False),
    Look("import, to be undone", "/desk/house/imports/1", seat="admin"),
    Look("suppressions", "/desk/house/suppressions", seat="publisher"),
    Look(
        "suppressions, one looked up",
        "/desk/house/suppressions",
        seat="admin",
        act=press("Look it up", The_whole_address=READER),
        measured=False,
    ),
    Look("upload", "/desk/upload", seat="editor"),
    Look("not allowed", "/desk/upload", seat="viewer", measured=False),
    Look("no such issue", "/desk/sunday/2020-01-05", seat="viewer", measured=False),
    Look("issue", ISSUE, seat="publisher"),
    Look(
        "issue, folds open",
        ISSUE,
        seat="publisher",
        act=opened("Hold it", "Skip this week"),
        measured=False,
    ),
    Look("issue, a viewer's", ISSUE, seat="viewer"),
    Look("issue, conflict", ISSUE, seat="editor", act=_conflict, measured=False),
    Look("story", _story, STORY, seat="editor"),
    Look("approval", _approval, APPROVAL, seat="publisher"),
    Look("approval, an editor's", _approval, APPROVAL, seat="editor"),
    Look("issue, held", ISSUE, scene="held", seat="publisher"),
    Look(
        "approval, changed since",
        _approval,
        APPROVAL,
        scene="draft again",
        seat="publisher",
        act=_changed_since,
        measured=False,
    ),
    Look("issue, approved", ISSUE, scene="approved", seat="publisher"),
    Look("approval, done", _approval, APPROVAL, scene="approved", seat="publisher"),
    Look(
        "issue, sending",
        ISSUE,
        scene="sending",
        seat="publisher",
        act=opened("What mailboxes answered"),
        measured=False,
    ),
    Look(
        "issue, paused",
        ISSUE,
        scene="paused",
        seat="publisher",
        act=opened("End the sending", "Send again"),
        measured=False,
    ),
    Look("issue, cancelled", ISSUE, scene="cancelled", seat="publisher"),
    Look("issue, sent", ISSUE, scene="sent", seat="publisher"),
    Look("approval, over", _approval, APPROVAL, scene="sent", seat="publisher"),
    Look("issue, off the web", ISSUE, scene="off the web", seat="publisher"),
    # two subjects
    Look("issue, may try two subjects", ISSUE, scene="lived in", seat="publisher"),
    Look("issue, two subjects", ISSUE, scene="two subjects", seat="publisher"),
    Look(
        "issue, two subjects on their way", ISSUE, scene="two subjects, sending", seat="publisher"
    ),
    Look("issue, a subject chosen", ISSUE, scene="two subjects, decided", seat="publisher"),
    # numbers
    Look("numbers, none yet", "/desk/sunday/numbers", scene="empty", seat="viewer"),
    Look("numbers", "/desk/sunday/numbers", scene="lived in", seat="viewer"),
    Look("issue, its numbers", f"/desk/sunday/{period_of(1)}", scene="lived in", seat="viewer"),
    # one's own seat
    Look("my seat", "/desk/me", scene="lived in", seat="admin"),
    Look("my seat, bare", "/desk/me", seat="editor"),
    Look("login, a code", "/desk/login/code", scene="lived in", act=_half_in, measured=False),
    Look(
        "prove it again",
        "/desk/fresh?then=/desk/house/editors",
        "/desk/fresh",
        scene="lived in",
        seat="admin",
    ),
    # the house
    Look("house, newsletters", "/desk/house", scene="lived in", seat="admin"),
    Look("house, sources", "/desk/house/sources", scene="lived in", seat="admin"),
    Look("house, providers", "/desk/house/providers", scene="lived in", seat="admin"),
    Look("import, failed", "/desk/house/errands/1", scene="lived in", seat="admin"),
    Look("house, suppressions", "/desk/house/suppressions", scene="lived in", seat="admin"),
    Look("house, suppressions, none yet", "/desk/house/suppressions", scene="empty", seat="viewer"),
    Look("house, editors", "/desk/house/editors", scene="lived in", seat="admin"),
    Look("house, tokens", "/desk/house/tokens", scene="lived in", seat="admin"),
    Look("house, tokens, none yet", "/desk/house/tokens", scene="empty", seat="admin"),
    Look("house, webhooks", "/desk/house/webhooks", scene="lived in", seat="admin"),
    Look("house, a webhook", "/desk/house/webhooks/1", scene="lived in", seat="admin"),
    Look("house, a webhook given up", "/desk/house/webhooks/2", scene="lived in", seat="admin"),
    Look("house, audit log", "/desk/house/audit", scene="lived in", seat="admin"),
)

#: Routes of GET without a picture, and why. Those of POST answer with a page that one of these shows, or lead to it.
NOT_PICTURED: Mapping[str, str] = {
    "/accents.css": "a style sheet",
    "/healthz": "for machines",
    "/readyz": "for machines",
    "/metrics": "for machines",
    "/r/{newsletter}/{period}/{code}": "leads on to a story",
    "/r/{newsletter}/{period}/{arm}/{code}": "leads on to a story",
    "/leave/{newsletter}/{token}/seen/{arm}": "a picture of one point",
    "/sitemap.xml": "for machines",
    "/archive/{newsletter}/feed.xml": "for machines",
    "/api/openapi.json": "for machines",
    "/api/subscribe/{newsletter}": "for machines",
    "/n/{newsletter}/choices": "leads to the form of preferences",
    "/desk/{newsletter}/{period}/preview": "the mail itself, inside the issue's page",
    "/desk/{newsletter}/{period}/text": "plain text",
    "/desk/{newsletter}/{period}/source": "plain text",
    "/desk/{newsletter}/{period}/version": "for the page's script",
}


# ---------------------------------------------------------------- going through them


def unpictured() -> set[str]:
    """The routes of GET that are neither looked at nor left out with a reason. `/api/v1` is for programs alone."""
    patterns = [
        line.removeprefix("GET ")
        for line in TABLE
        if line.startswith("GET ") and "/api/v1/" not in line
    ]
    pictured = {look.route or _route(str(look.path), patterns) for look in LOOKS}
    return set(patterns) - NOT_PICTURED.keys() - pictured


def _route(path: str, patterns: list[str]) -> str:
    """The first route that answers a path, as the application looks for it."""
    return next((one for one in patterns if compile_path(one)[0].fullmatch(path)), "")


@contextmanager
def scenes(
    only: Callable[[Look], bool] = lambda look: True,
) -> Iterator[Iterator[tuple[House, list[Look]]]]:
    """Each scene's house, served, with the looks that are to be taken in it, one scene after another."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield _scenes(stack, folder, only)


def _scenes(
    stack: ExitStack, folder: Path, only: Callable[[Look], bool]
) -> Iterator[tuple[House, list[Look]]]:
    made: dict[str, House] = {}
    for scene, name, happens in _needed(only):
        if name not in made:
            house = HOUSES[name](folder / name)
            stack.callback(house.database.close)
            made[name] = stack.enter_context(served(house))
        with ThreadPoolExecutor(1) as apart:  # the browser has an event loop in this thread
            apart.submit(happens, made[name]).result()
        looks = [look for look in LOOKS if look.scene == scene and only(look)]
        if looks:
            yield made[name], looks


def _needed(only: Callable[[Look], bool]) -> list[tuple[str, str, Act_]]:
    """The scenes up to the last one of each house that is looked at."""
    looked_at = {look.scene for look in LOOKS if only(look)}
    last = {name: at for at, (scene, name, _) in enumerate(SCENES) if scene in looked_at}
    return [one for at, one in enumerate(SCENES) if at <= last.get(one[1], -1)]


def cookie(house: House, role: str) -> dict[str, str]:
    """A session of somebody with this role, as a cookie."""
    client = seated(house, role)
    return {"name": "desk", "value": str(client.cookies["desk"]), "url": house.public_url}


def address(look: Look, house: House) -> str:
    """Where it is now."""
    path = look.path if isinstance(look.path, str) else look.path(house)
    return f"{house.public_url}{path}"


def context_of(browser: Browser, look: Look, house: House, **how: object) -> BrowserContext:
    """A browser that nothing is known of but the seat; every picture of the world is one of ours."""
    context = browser.new_context(base_url=house.public_url, reduced_motion="reduce", **how)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    context.route("https://**", _drawn)
    if look.seat:
        context.add_cookies([cookie(house, look.seat)])  # type: ignore[list-item]
    return context


def _drawn(route: Route) -> None:
    route.fulfill(content_type="image/svg+xml", body=PICTURE)


PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" fill="#c46b57"/>
<rect y="52" width="160" height="38" fill="#27344f"/><circle cx="112" cy="50" r="10" fill="#fbe3ae"/></svg>"""


def visit(page: Page, look: Look, house: House) -> None:
    """Go there and do what makes the state."""
    page.goto(address(look, house), wait_until="load")
    if look.act:
        later(house, seconds=5)
        look.act(page, house)
    page.wait_for_load_state("networkidle")
