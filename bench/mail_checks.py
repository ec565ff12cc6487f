"""What other people's checkers say of every mail we ship: `python bench/mail_checks.py`.

A row a mail: its HTML in bytes; what caniemail finds added to a blank MJML mail, beyond the dark
scheme; what html-validate finds, MJML's idioms aside; axe-core's serious and critical findings in
light and in dark; SpamAssassin's score of the whole message and, for a digest, of its text alone.
Below the table stands what each found. Ends with 1 where a bar is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests import browser, shipped_mails  # noqa: E402
from tests.mail_checkers import pages, spamassassin  # noqa: E402
from tests.mail_checkers.spamassassin import Verdict  # noqa: E402
from tests.shipped_mails import Shipped  # noqa: E402

COLUMNS = ("mail", "bytes", "caniemail", "html-validate", "axe light", "axe dark", "score", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All that was found of one mail. alone: the score of its text part, for a digest."""

    mail: Shipped
    looked: pages.Looked
    grave: dict[str, list[str]]
    score: Verdict
    alone: Verdict | None

    @property
    def met(self) -> bool:
        spam = any(one is not None and one.score > 0 for one in (self.score, self.alone))
        return not (self.looked.unwelcome or self.looked.faults or any(self.grave.values()) or spam)

    def cells(self) -> tuple[str, ...]:
        counts = (self.looked.unwelcome, self.looked.faults, *map(self.grave.get, pages.SCHEMES))
        return (
            self.mail.name,
            f"{len(self.mail.html.encode()):,}",
            *(str(len(found or ())) for found in counts),
            f"{self.score.score:.1f}",
            f"{self.alone.score:.1f}" if self.alone else "",
        )

    def told(self) -> Iterator[str]:
        """Each finding on a line."""
        for what, programs in self.looked.unwelcome.items():
            yield f"caniemail: {what}: {', '.join(programs)}"
        for fault in self.looked.faults:
            yield f"html-validate: {fault}"
        for scheme, found in self.grave.items():
            yield from (f"axe, {scheme}: {one}" for one in found)
        for name, verdict in (("whole", self.score), ("text alone", self.alone)):
            if verdict and verdict.score > 0:
                yield f"SpamAssassin, {name}: {verdict.score} by {', '.join(verdict.rules)}"


def rows() -> Iterator[Row]:
    """Every mail looked at. Raises Missing where a checker cannot be had."""
    mails, digests = shipped_mails.all_of_them(), shipped_mails.digests()
    looked = pages.look({mail.name: mail.html for mail in mails})
    alone = {f"{mail.name}, text alone": mail.text_alone for mail in digests}
    scores = spamassassin.scores({**{mail.name: mail.data for mail in mails}, **alone})
    axe = pages.axe_source()
    with sync_playwright() as play:
        chromium = browser.launched(play)
        page = chromium.new_page(viewport={"width": 680, "height": 800})
        for mail in mails:
            yield Row(
                mail=mail,
                looked=looked[mail.name],
                grave=pages.grave(page, mail.html, axe),
                score=scores[mail.name],
                alone=scores.get(f"{mail.name}, text alone"),
            )
        chromium.close()


def main() -> int:
    console = Console(width=110, soft_wrap=True)
    found = list(rows())
    table = Table()
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "mail" else "right")
    for row in found:
        table.add_row(*row.cells())
    console.print(table)
    findings: dict[str, list[str]] = {}
    for row in found:
        for line in row.told():
            findings.setdefault(line, []).append(row.mail.name)
    for line, names in findings.items():
        console.print(f"{line}\n    in {_some(names)}", markup=False, highlight=False)
    missed = [row.mail.name for row in found if not row.met]
    told = f"missed by {len(missed)} of {len(found)} mails" if missed else "met by every mail"
    console.print(f"bar: {told}")
    return bool(missed)


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


if __name__ == "__main__":
    sys.exit(main())
