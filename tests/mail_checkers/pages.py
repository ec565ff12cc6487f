"""caniemail and html-validate, in one Node process for any number of mails; axe-core for a page.

caniemail knows which mail programs lack what. It complains about every mail that MJML makes, so what
counts is what a mail adds to a blank one of the same components.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from digest.mail import mjml
from tests.mail_checkers import fetch

#: One of each component that every newsletter has, and no style of ours.
BLANK = """<mjml lang="en" dir="ltr"><mj-head><mj-title>Blank</mj-title><mj-preview>Blank</mj-preview>
</mj-head><mj-body><mj-section><mj-column><mj-image src="https://a.example/a.png" alt="" />
<mj-text><a href="https://a.example/">Blank</a></mj-text><mj-divider />
<mj-button href="https://a.example/">Blank</mj-button></mj-column></mj-section></mj-body></mjml>"""

#: What a mail may ask for that some programs lack: its dark scheme, which is none the worse without.
WELCOME = ("color-scheme CSS property", "color-scheme meta tag", "Attribute selector")

#: A mail is no page: it has no landmarks, and what is in it need not lie in one.
NOT_FOR_MAILS = ("landmark-one-main", "region")
GRAVE = ("serious", "critical")
#: The rules of axe-core that look at colours.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_ASKED = {
    "resultTypes": ["violations"],
    "rules": {rule: {"enabled": False} for rule in NOT_FOR_MAILS},
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What two of them say of one mail.

    added: what mail programs lack of it that they do not lack of a blank mail, → which programs.
    faults: of its HTML, each with its place.
    """

    added: Mapping[str, tuple[str, ...]]
    faults: tuple[str, ...]

    @property
    def unwelcome(self) -> dict[str, tuple[str, ...]]:
        """What is added and is not of the dark scheme."""
        return {what: who for what, who in self.added.items() if not what.startswith(WELCOME)}


def look(mails: Mapping[str, str]) -> dict[str, Looked]:
    """Every mail's HTML, by name. Raises Missing, and RuntimeError where they fail."""
    modules = [str(fetch.modules(package)) for package in ("caniemail", "html-validate")]
    program = Path(__file__).with_name("pages.mjs")
    given = {"baseline": mjml.to_html(BLANK, "blank"), "mails": dict(mails)}
    done = subprocess.run(
        ["node", str(program), *modules],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"caniemail or html-validate failed: {done.stderr[-2000:]}")
    return {
        name: Looked(
            added={what: tuple(who) for what, who in one["added"]}, faults=tuple(one["faults"])
        )
        for name, one in json.loads(done.stdout).items()
    }


def axe_source() -> str:
    """The script of axe-core. Raises Missing."""
    return (fetch.modules("axe-core") / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def grave(page: Page, html: str, axe: str) -> dict[str, list[str]]:
    """What hinders people in a mail, seriously or worse, in each scheme: the rule and the first place.

    axe: the script. Only the rule's first place is told; nothing is loaded from anywhere.
    """
    page.route("**/*", lambda route: route.abort())
    page.set_content(html, wait_until="load")
    return grave_here(page, axe, _ASKED)


def grave_here(
    page: Page, axe: str, asked: Mapping[str, Any] | None = None
) -> dict[str, list[str]]:
    """The same of the page that the browser shows, by all rules; `asked` are axe's options.

    In the second scheme by those about colours: the page is the same one, so the others would say the same.
    """
    page.evaluate(axe)
    found: dict[str, list[str]] = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        options = {"resultTypes": ["violations"], **(asked or {})}
        if scheme != SCHEMES[0]:
            options["runOnly"] = OF_COLOURS
        violations = page.evaluate("options => axe.run(document, options)", options)["violations"]
        found[scheme] = [_told(one) for one in violations if one["impact"] in GRAVE]
    return found


def _told(one: Mapping[str, Any]) -> str:
    first = one["nodes"][0]
    why = " ".join(first["failureSummary"].split())
    return (
        f"{one['impact']} {one['id']}, {len(one['nodes'])} ×: {first['html'][:120]} ({why[:200]})"
    )
