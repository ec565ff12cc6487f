"""Commands for one issue: build, preview, approve, send, status, ledger.

EDITION names an issue as `2026-11-29` where there is one newsletter, else `sunday/2026-11-29`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from digest.cli import start
from digest.cli.naming import Edition, EditionOption, First, Variant, Without, issue_of

if TYPE_CHECKING:
    import datetime as dt

    from digest.bootstrap import House
    from digest.model import Issue


def build(
    edition: Edition = None,
    revive: Annotated[
        bool, typer.Option("--revive", help="Also one that was skipped, before its send's hour.")
    ] = False,
) -> None:
    """Make the draft again from what is stored now. Harmless to repeat."""
    from digest import drafting, reconcile
    from digest.cli.screen import Stages
    from digest.model import IssueStatus

    _, house = start.opened()
    now = house.clock()
    reconcile.reconcile(house, now=now)
    issue = issue_of(house, edition)
    if issue.status is IssueStatus.SKIPPED:
        issue = _revived(house, issue, now) if revive else _not_revived(issue)
    with Stages() as progress:
        made = drafting.again(house, issue, actor="operator", now=now, progress=progress)
    issue = issue_of(house, f"{issue.newsletter}/{issue.period}")
    held = f", still held: {issue.reason}" if issue.status is IssueStatus.HELD else ""
    typer.echo(f"{issue.newsletter}/{issue.period}: {made.thin or 'drafted'}{held}")
    if issue.edition:
        typer.echo(f"edition {issue.edition.checksum}")


def _revived(house: House, issue: Issue, now: dt.datetime) -> Issue:
    """A skipped issue, due again. Raises Conflict where its hour is past."""
    from digest.errors import Conflict
    from digest.store import events, issues

    name = f"{issue.newsletter}/{issue.period}"
    if now >= issue.moments.send_at:
        raise Conflict(
            f"{name} is skipped and its hour is past: its stories go into the next issue"
        )
    with house.database.write() as session:
        issues.revive(session, issue.id, now=now)
        action = "revived the issue"
        events.record(session, at=now, actor="operator", action=action, subject=name)
    return issue_of(house, name)


def _not_revived(issue: Issue) -> NoReturn:
    from digest.errors import Conflict

    name = f"{issue.newsletter}/{issue.period}"
    raise Conflict(
        f"{name} is skipped ({issue.reason}): `digest build {name} --revive` brings it back before its hour"
    )


def preview(
    edition: Edition = None,
    folder: Annotated[
        Path | None, typer.Option("--to", help="Folder for the files; default: preview.")
    ] = None,
    shots: Annotated[
        Path | None,
        typer.Option(help="Folder for pictures: 375 and 680 px, light and dark, images off too."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="With --shots: do not ask the site for its images.")
    ] = False,
    browser: Annotated[
        str, typer.Option(help="With --shots: a Chromium that is not on PATH, or has another name.")
    ] = "",
    variant: Variant = "",
    without: Without = None,
    first: First = None,
    arm: Annotated[
        str, typer.Option(help="Of two subjects, a or b: as the test gets it. Not with --shots.")
    ] = "",
) -> None:
    """Write the mail as a sample reader gets it: HTML, text and .eml, or pictures of it.

    Pictures are taken by the system's Chromium, which has no network. The mail's images are asked for
    once, from public https addresses, as a reader's program would; --offline leaves them out.
    """
    from digest import variants
    from digest.errors import BadInput
    from digest.model import Arm
    from digest.samples import is_stale, write_sample

    if arm and (arm not in set(Arm) or shots):
        raise BadInput("--arm", "expected a or b, and no --shots")
    _, house = start.opened()
    issue = issue_of(house, edition)
    schedule = house.schedule(issue.newsletter)
    choice = variants.choice_of(schedule, variant, without or (), first or ())
    if is_stale(house, issue):
        told = "the stored draft looks otherwise, and is what an approval sends"
        typer.echo(
            f"{told}: `digest build {issue.newsletter}/{issue.period}` makes it so", err=True
        )
    if folder or not shots:
        for path in write_sample(
            house, issue, folder or Path("preview"), choice, arm=Arm(arm) if arm else None
        ):
            typer.echo(path)
    if shots:
        from digest.cli.picturing import pictures

        for path in pictures(house, issue, shots, choice, browser=browser, offline=offline):
            typer.echo(path)


def approve(
    edition: Edition = None,
    by: Annotated[str, typer.Option(help="Who consents: an editor's address.")] = "",
    checksum: Annotated[str, typer.Option(help="What is consented to; default: the draft.")] = "",
    note: Annotated[str, typer.Option(help="A note for the log.")] = "",
) -> None:
    """Approve a draft by its checksum."""
    from digest import approve as approving
    from digest.errors import BadInput, Conflict
    from digest.model import IssueStatus
    from digest.store import editors

    _, house = start.opened()
    issue = issue_of(house, edition)
    with house.database.read() as session:
        known = editors.by_email(session, by) if by else None
    if known is None or known.role not in editors.APPROVERS:
        raise BadInput(
            "--by",
            f"the address of a {' or '.join(editors.APPROVERS)}: `digest editor list`, or"
            " `digest editor add you@example.org --role publisher`",
        )
    if issue.status is IssueStatus.SKIPPED:
        _not_revived(issue)
    if issue.edition is None:
        raise Conflict("there is no draft yet; `digest build` makes one")
    approving.approve(
        house.database,
        issue,
        checksum or issue.edition.checksum,
        by=known.name or known.email,
        actor=f"editor:{known.id}",
        now=house.clock(),
        public_url=house.public_url,
        note=note,
        house=house,
    )
    typer.echo(f"approved {issue.newsletter}/{issue.period} {checksum or issue.edition.checksum}")


def send(
    edition: Edition = None,
    edition_option: EditionOption = None,
    smtp: Annotated[
        str, typer.Option(help="host:port of a relay without encryption, for trials.")
    ] = "",
    retry_base: Annotated[float | None, typer.Option(help="Seconds before a retry.")] = None,
    in_doubt: Annotated[
        str | None, typer.Option(help="hold, resend or replay what a crash left unknown.")
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for the send's hour.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit status 3 if any reader failed or is uncertain.")
    ] = False,
) -> None:
    """Send an approved issue, or go on with one that was interrupted, until every reader is final.

    Exit status 0: every reader is final. 1: it is not over (paused, or stopped). 2: it could not begin.
    3: with --strict, where every reader is final and some are failed or uncertain.
    """
    from digest.cli.sending import send_issue

    _, house = start.opened(_relay(smtp, retry_base), sends=True)
    issue = issue_of(house, edition or edition_option)
    status = send_issue(house, issue, policy=in_doubt, at_once=now, strict=strict)
    raise typer.Exit(status)


def waves(edition: Edition = None) -> None:
    """When each reader is mailed, where a newsletter goes by its readers' own clocks."""
    from digest.cli.sending import wave_lines
    from digest.errors import Conflict
    from digest.model import IssueStatus

    _, house = start.opened()
    issue = issue_of(house, edition)
    if issue.status in (IssueStatus.SENT, IssueStatus.SKIPPED):
        raise Conflict(f"the issue {issue.period} is {issue.status}: nobody waits for it")
    for line in wave_lines(house, issue):
        typer.echo(line)
    if house.schedule(issue.newsletter).deliver.deliver_at == "newsletter":
        typer.echo(
            'all at once; deliver_at = "reader" in the schedule goes by their clocks', err=True
        )


By = Annotated[str, typer.Option("--by", help="Who says so, for the log.")]


def pause(
    edition: Edition = None,
    why: Annotated[str, typer.Option(help="A word for the others.")] = "",
    by: By = "operator",
) -> None:
    """Stop a send on its way. What is on the wire is finished; `digest resume` goes on."""
    from digest.delivery import steer

    _, house = start.opened()
    steer.pause(house, issue_of(house, edition), by=by, why=why, now=house.clock())
    typer.echo("paused; a running sender stops within a second")


def resume(edition: Edition = None, by: By = "operator") -> None:
    """Let a paused send go on, whatever stopped it."""
    from digest.delivery import steer

    _, house = start.opened()
    reason = steer.resume(house, issue_of(house, edition), by=by, now=house.clock())
    typer.echo(f"it had stopped ({reason}) and goes on with the worker, or with `digest send`")


def cancel(
    edition: Edition = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: By = "operator",
) -> None:
    """End a send: who was not mailed yet is skipped. What was sent cannot be taken back."""
    from digest.cli import sending
    from digest.delivery import steer

    _, house = start.opened()
    issue = issue_of(house, edition)
    if not yes:
        typer.confirm(f"{sending.before_the_end(house, issue)} End it for good?", abort=True)
    skipped = steer.cancel(house, issue, by=by, now=house.clock())
    typer.echo(f"cancelled; not mailed: {skipped}")


def resend(
    edition: Edition = None,
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="Everybody who ended as failed.")
    ] = False,
    uncertain: Annotated[
        bool, typer.Option("--uncertain", help="Those in doubt too: some may get a second copy.")
    ] = False,
    by: By = "operator",
) -> None:
    """Put readers in line again whom a send did not reach."""
    from digest.delivery import steer
    from digest.errors import BadInput

    if not (undelivered or uncertain):
        raise BadInput("resend", "say whom: --undelivered, and --uncertain for those in doubt")
    _, house = start.opened()
    issue = issue_of(house, edition)
    found = steer.resend(house, issue, by=by, uncertain=uncertain, now=house.clock())
    then = "; the send is paused: `digest resume` lets it go on" if found.paused else ""
    left_out = f"; {found.suppressed} suppressed, left out" if found.suppressed else ""
    again = f"{found.failed} failed and {found.uncertain} uncertain are in line again"
    typer.echo(again + left_out + then)


def status(
    newsletter: Annotated[str | None, typer.Argument(help="Only this newsletter.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Where every newsletter stands: issues, readers, sources, what is on its way."""
    from digest.cli.standing import standing
    from digest.cli.standing_screen import print_standing

    _, house = start.opened()
    found = standing(house, newsletter)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
    else:
        print_standing(found)


def ledger(
    edition: Edition = None,
    edition_option: EditionOption = None,
    tsv: Annotated[bool, typer.Option("--tsv", help="Tab-separated, the only form.")] = True,
) -> None:
    """Every reader of an issue's audience: address, state, attempts, reply, what came back since."""
    from digest.delivery import ledger as ledgers
    from digest.errors import Conflict
    from digest.model import IssueStatus

    _, house = start.opened()
    issue = issue_of(house, edition or edition_option)
    if issue.status not in (IssueStatus.SENDING, IssueStatus.SENT):
        raise Conflict(f"{issue.period} is {issue.status}: its audience is frozen when it is sent")
    if ended := ledgers.how_it_was_cancelled(house.database, issue.id):
        typer.echo(ended, err=True)
    with house.database.read() as session:
        for line in ledgers.lines(session, issue.id):
            cells = (line.address, line.state, str(line.attempts), line.reply, line.after)
            sys.stdout.write("\t".join(cell.replace("\t", " ") for cell in cells) + "\n")


def _relay(smtp: str, retry_base: float | None) -> dict[str, object]:
    from digest.errors import BadInput

    changes: dict[str, object] = {}
    if smtp:
        host, _, port = smtp.rpartition(":")
        if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
            raise BadInput("--smtp", f"expected host:port, as 127.0.0.1:2525, not {smtp!r}")
        changes |= {
            "provider": "smtp",
            "smtp_host": host,
            "smtp_port": port,
            "smtp_security": "none",
            "smtp_username": "",
        }
    if retry_base is not None:
        if not 0 < retry_base < float("inf"):
            raise BadInput("--retry-base", "expected seconds, more than 0")
        changes["retry_base_s"] = retry_base
    return changes
