"""`digest subscribers import`: a file of readers, tried dry or taken over."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from digest.audience import imports
from digest.audience.imports import Report, RowError
from digest.bootstrap import House
from digest.cli.screen import Stages
from digest.errors import BadInput

WORDING = "taken over by the operator, who states to hold these readers' consent"


def import_file(
    house: House, file: Path, *, newsletter: str, dry_run: bool, as_json: bool, confirmed: bool
) -> bool:
    """Take the file's readers over, or say what would happen; True when every row could be used."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), f"cannot be read: {error.strerror}") from error
    if as_json:
        return _as_json(data)
    imports.read(data)  # what is no such file at all is said first
    if not dry_run and not confirmed:
        raise BadInput(
            str(file), "say --confirmed if you hold these readers' consent, or --dry-run"
        )
    with Stages() as progress:
        report = imports.take_over(
            house.database,
            newsletter,
            data,
            key=house.key,
            now=house.clock(),
            dry_run=dry_run,
            wording=WORDING,
            progress=progress,
        )
    _tell(report, file)
    return not report.errors


def _as_json(data: bytes) -> bool:
    """The rows as they would be taken: {"platform","rows":[{"email","status"}],"errors":[…]}."""
    found = imports.read(data)
    rows = [{"email": row.address.address, "status": "active"} for row in found.rows]
    errors = [{"line": one.line, "text": one.text, "reason": one.reason} for one in found.errors]
    answer = {"platform": "csv", "rows": rows, "errors": errors}
    typer.echo(json.dumps(answer, ensure_ascii=False))
    return True


def _tell(report: Report, file: Path) -> None:
    would = "would be " if report.dry_run else ""
    typer.echo(
        f"{report.total} rows: {report.new} {would}new, {report.known} known already, "
        f"{report.suppressed} suppressed, {report.doubles} twice in the file, "
        f"{len(report.errors)} not usable"
    )
    if report.errors and report.dry_run:
        typer.echo("".join(map(_line, report.errors[:20])), nl=False)
    elif report.errors:
        beside = file.with_suffix(".errors.tsv")
        beside.write_text("".join(map(_line, report.errors)), encoding="utf-8")
        typer.echo(f"what could not be used, line by line: {beside}")


def _line(error: RowError) -> str:
    return f"{error.line}\t{error.reason}\t{error.text}\n"
