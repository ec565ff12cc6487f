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
    """The rows as they would be taken: {"platform","rows":[{"email","status"}],"errors":[…],"warnings":[…]}."""
    found = imports.read(data)
    rows = [{"email": row.address.address, "status": "active"} for row in found.rows]
    errors, odd = map(_as_objects, (found.errors, found.odd))
    answer = {"platform": "csv", "rows": rows, "errors": errors, "warnings": odd}
    typer.echo(json.dumps(answer, ensure_ascii=False))
    return True


def _as_objects(found: tuple[RowError, ...]) -> list[dict[str, object]]:
    return [{"line": one.line, "text": one.text, "reason": one.reason} for one in found]


def _tell(report: Report, file: Path) -> None:
    would = "would be " if report.dry_run else ""
    typer.echo(
        f"{report.total} rows: {report.new} {would}new, {report.known} known already, "
        f"{report.suppressed} suppressed, {report.doubles} twice in the file, "
        f"{len(report.errors)} not usable"
    )
    if report.odd:
        typer.echo(f"{len(report.odd)} of those are taken without a time zone: the file's is none")
    told = sorted((*report.errors, *report.odd), key=lambda one: one.line)
    if told and report.dry_run:
        typer.echo("".join(map(_line, told[:20])), nl=False)
    elif told:
        beside = file.with_suffix(".errors.tsv")
        beside.write_text("".join(map(_line, told)), encoding="utf-8")
        typer.echo(f"what could not be used, line by line: {beside}")


def _line(error: RowError) -> str:
    return f"{error.line}\t{error.reason}\t{error.text}\n"
