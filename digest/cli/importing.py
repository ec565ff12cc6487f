"""`digest subscribers import`, `imports` and `undo-import`: files of readers, tried dry, taken over, undone."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import typer

from digest.audience import error_file, imports, member_files, member_rows, undo
from digest.audience.admission import Outcome
from digest.audience.imports import Plan, Report, Tell
from digest.audience.layouts import Member, RowError
from digest.audience.member_files import Table
from digest.audience.standings import Standing
from digest.bootstrap import House
from digest.cli.screen import Stages
from digest.errors import BadInput
from digest.store import import_log

WORDING = "taken over by the operator, who states to hold these readers' consent"

_SPOKEN = {
    Outcome.NEW: "new",
    Outcome.PENDING: "new, but never confirmed: kept as pending",
    Outcome.LEFT: "left there: noted, so that nobody mails them",
    Outcome.BARRED: "bounced, complained or blocked there: suppressed",
    Outcome.ENDED: "here, but left there since: not mailed any more",
    Outcome.FILLED: "here already, and more is known of them",
    Outcome.KNOWN: "here already, nothing changes",
    Outcome.HAS_LEFT: "left here, and stay away",
    Outcome.SUPPRESSED: "suppressed here, and stay so",
    Outcome.DOUBLE: "twice in the file",
    Outcome.REFUSED: "not usable",
}


def import_file(
    house: House, plan: Plan, *, dry_run: bool, as_json: bool, confirmed: bool, sure: bool
) -> bool:
    """Take the file's readers over, or say what would happen; True when every row could be used."""
    tables = member_files.open_tables(plan.path, plan.wanted)
    if as_json:
        _as_json(tables)
        return True
    for table in tables:
        typer.echo(f"{table.name}: {table.layout.platform}; {table.layout.columns.spoken()}")
    if not dry_run and not confirmed:
        raise BadInput(
            str(plan.path), "say --confirmed if you hold these readers' consent, or --dry-run"
        )
    if not dry_run and not sure:
        _be_sure(plan, tables)
    from digest.delivery import collector

    with Stages() as progress, _told(plan.path, dry_run) as tell, collector.seldom():
        act = imports.try_dry if dry_run else imports.take_over
        report = act(
            house.database, plan, key=house.key, clock=house.clock, progress=progress, tell=tell
        )
    _tell(report, plan.path)
    return not report.refused


def _be_sure(plan: Plan, tables: list[Table]) -> None:
    """Columns that no header names are asked about, at a terminal; elsewhere they must be said."""
    if all(table.layout.columns.sure for table in tables):
        return
    if sys.stdin.isatty() and typer.confirm("Are these the right columns?"):
        return
    raise BadInput(
        str(plan.path), "its headers do not say which column is what: say --columns email=1,name=2"
    )


def list_imports(house: House) -> None:
    """The imports there were, the newest first, a line each."""
    with house.database.read() as session:
        found = import_log.newest(session)
    for one in found:
        state = "broken off: the same file again goes on" if one.state == "running" else one.state
        new = one.counts.get(Outcome.NEW, 0)
        at = f"{one.started_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{one.id}  {at}  {one.newsletter}  {one.file}  {new} new  {state}")
    if not found:
        typer.echo("no imports yet")


def undo_import(house: House, number: int) -> None:
    """Undo one import and say what came of it."""
    with Stages() as progress:
        done = undo.undo(house.database, number, clock=house.clock, progress=progress)
    typer.echo(
        f"import {number} is undone: {done.removed} readers removed, {done.begun} who had left by it are back, "
        f"{done.lifted} suppressions ended, {done.emptied} as they were known before; "
        f"{done.kept} have acted since and stay"
    )


# ---------------------------------------------------------------- JSON


def _as_json(tables: list[Table]) -> None:
    """{"platform", "rows": [{"email", "status", …}], "errors": […], "warnings": […]}, the rows as a stream.

    A row whose address cannot be mailed stands among the rows, with what its file says, and among the errors.
    """
    errors: list[dict[str, object]] = []
    warnings: list[dict[str, object]] = []
    sys.stdout.write(f'{{"platform": {json.dumps(tables[0].layout.platform)}, "rows": [')
    between = ""
    for found in member_rows.rows(tables):
        if isinstance(found, RowError):
            errors.append(_problem(found.line, found.text, found.reason))
        elif found.odd:
            warnings.append(_problem(found.line, found.address, found.odd))
        row = _row(found)
        if row is not None:
            sys.stdout.write(between + json.dumps(row, ensure_ascii=False))
            between = ", "
    rest = json.dumps({"errors": errors, "warnings": warnings}, ensure_ascii=False)
    sys.stdout.write(f"], {rest[1:]}\n")


def _row(found: Member | RowError) -> dict[str, object] | None:
    if isinstance(found, Member):
        return {
            "email": found.address,
            "status": _word(found.standing),
            "consent_at": found.told or None,
            "joined_at": found.joined.isoformat() if found.joined else None,
            "left_at": found.left.isoformat() if found.left else None,
            "name": found.name,
            "language": found.language,
            "timezone": found.timezone,
            "tags": list(found.tags),
        }
    if found.standing is None or "@" not in found.text:
        return None
    word = _word(found.standing) if found.kind != "unknown status" else "unknown"
    return {
        "email": found.text,
        "status": word,
        "consent_at": found.told or None,
        "refused": found.reason,
    }


def _word(standing: Standing) -> str:
    """The status as other programs call it: who was blocked is not subscribed."""
    return "unsubscribed" if standing is Standing.BLOCKED else standing.value


def _problem(line: int, text: str, reason: str) -> dict[str, object]:
    return {"line": line, "text": text, "reason": reason}


# ---------------------------------------------------------------- telling


def _told(path: Path, dry_run: bool) -> AbstractContextManager[Tell | None]:
    """Writes what could not be used into a file beside the readers' own; a dry run writes none."""
    return nullcontext() if dry_run else error_file.written(_beside(path))


def _beside(path: Path) -> Path:
    return path.with_suffix(".errors.csv")


def _tell(report: Report, path: Path) -> None:
    would = "would be " if report.dry_run else ""
    typer.echo(f"{report.total} rows{', nothing is written yet' if report.dry_run else ''}:")
    for outcome, spoken in _SPOKEN.items():
        if number := report.outcomes.get(outcome, 0):
            typer.echo(f"  {number:>9}  {would if outcome is Outcome.NEW else ''}{spoken}")
    for reason, number in sorted(report.refused.items()):
        typer.echo(f"             {number} of them: {reason}")
    if report.odd:
        typer.echo(f"{report.odd} are taken without a time zone: the file's is none")
    if report.platform == "listmonk":
        typer.echo(
            "listmonk's file does not tell who left a single list: export each list, or ask its API"
        )
    if report.resumed_at:
        typer.echo(
            f"an import of this file had broken off after {report.resumed_at} rows; this went on"
        )
    if report.dry_run:
        for error in report.errors:
            typer.echo(f"{error.line}\t{error.reason}\t{error.text}")
        return
    if report.refused or report.odd:
        typer.echo(f"what could not be used, line by line: {_beside(path)}")
    typer.echo(f"if this was wrong: digest subscribers undo-import {report.number}")
