"""`digest bounces`: mail that came back, from a pipe, a path or the mailbox of the settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from digest.cli import start

if TYPE_CHECKING:
    from digest.delivery.returns import Collected

bounces = typer.Typer(help="Mail that came back.", no_args_is_help=True, rich_markup_mode=None)

#: sysexits.h: the mail server keeps the mail and tries again.
EX_TEMPFAIL = 75

#: Bytes that are kept of a mail on standard input; the rest is read and let go.
LARGEST = 300_000


@bounces.callback()
def _bounces() -> None:
    """Mail that came back."""


@bounces.command("read")
def read(
    path: Annotated[
        Path | None, typer.Argument(help="A Maildir, an mbox, a folder of mails, or one mail.")
    ] = None,
    pipe: Annotated[
        bool, typer.Option("--pipe", help="One mail on standard input, from a mail server.")
    ] = False,
    imap: Annotated[
        bool, typer.Option("--imap", help="The mailbox of DIGEST_BOUNCE_IMAP_….")
    ] = False,
    recipient: Annotated[
        str, typer.Option(help="With --pipe: the address that the mail came to.")
    ] = "",
) -> None:
    """Take in bounces, complaints and wishes to leave; the same mail twice counts once."""
    if [path is not None, pipe, imap].count(True) != 1:
        raise typer.BadParameter("one of: a path, --pipe, --imap")
    if pipe:
        _from_pipe(recipient)
    else:
        _tell(_from_mailbox(path))


@bounces.command("believe")
def believe(
    edition: Annotated[
        str | None, typer.Argument(help="2026-11-29, or sunday/2026-11-29; default: the newest.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who says so, for the log.")] = "operator",
) -> None:
    """Say that the refusals are right that were held back of an issue: its readers are suppressed."""
    from digest.cli.naming import issue_of
    from digest.delivery import refusals

    _, house = start.opened()
    issue = issue_of(house, edition)
    judged, suppressed = refusals.believe(
        house.database, issue, key=house.key, by=by, now=house.clock()
    )
    typer.echo(f"{judged} refusals are believed, {suppressed} readers suppressed")


def _from_mailbox(path: Path | None) -> Collected:
    from digest.delivery import returns
    from digest.errors import NotFound
    from digest.providers.mail_files import MailFiles

    _, house = start.opened()
    box = MailFiles(path) if path else house.mailbox
    if box is None:
        raise NotFound("no mailbox is named; set DIGEST_BOUNCE_IMAP_HOST, or name a path")
    return returns.collect(
        house.database, box, key=house.key, now=house.clock(), goodbyes=house.goodbyes
    )


def _from_pipe(recipient: str) -> None:
    """Exit status 0, or 75 whatever goes wrong: a mail server must never lose or return this mail."""
    try:
        data = sys.stdin.buffer.read(LARGEST)
        while sys.stdin.buffer.read(1 << 20):
            pass
        from digest.delivery import returns

        _, house = start.opened()
        returns.take(
            house.database,
            data,
            key=house.key,
            now=house.clock(),
            recipient=recipient,
            goodbyes=house.goodbyes,
        )
    except Exception as error:
        _later(error)


def _later(error: Exception) -> NoReturn:
    """Told in one line without the mail: Postfix writes it to its log and into a notice."""
    from digest.errors import DigestError

    words = str(error).splitlines()[0] if isinstance(error, DigestError) and str(error) else ""
    typer.echo(f"digest: not taken yet: {words or type(error).__name__}", err=True)
    raise typer.Exit(EX_TEMPFAIL)


def _tell(done: Collected) -> None:
    typer.echo(
        f"{done.mails} mail(s): {done.new} new report(s), {done.known} known, "
        f"{done.strangers} of no copy of ours, {done.silent} that report nothing; "
        f"{done.suppressed} address(es) suppressed; {done.wishes} wish(es) to leave, {done.left} left"
    )
