"""Files of readers as they come: a table of some encoding and some delimiter, or a zip file of several.

Everything is read as a stream: a file of a million rows is no burden.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from digest.audience import layouts
from digest.audience.columns import SAMPLE
from digest.audience.layouts import Layout
from digest.errors import BadInput

#: A cell of more is a quote that was never closed; it must not eat the rest of the file.
_LONGEST = 131_072
#: What a zip file may hold unpacked, in bytes: some twenty million readers.
_UNPACKED = 4 << 30
#: How much is read to see how a file is written.
_HEAD = 65_536
#: Quotes inside quotes as MySQL and MailPoet write them: \" and not "".
_ESCAPED = re.compile(r'[^\\"]\\"(?![",;\t|\r\n])')


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: where it is and how it is written. member: its name inside a zip file."""

    path: Path
    member: str
    encoding: str
    delimiter: str
    escape: str | None
    skipped: int
    layout: Layout

    @property
    def name(self) -> str:
        return self.member or self.path.name

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows after the header, each with the line where it begins. Raises BadInput where it is no CSV."""
        numbered = _rows(self.path, self.member, self.encoding, self.delimiter, self.escape)
        for _ in range(self.skipped):
            next(numbered, None)
        return numbered


def open_tables(path: Path, wanted: str = "") -> list[Table]:
    """The tables of readers in a file. wanted: the columns as a person named them, for the whole file.

    Raises BadInput where it cannot be read, or holds no table with addresses.
    """
    try:
        if not zipfile.is_zipfile(path):
            return [_table(path, "", wanted)]
        return _of_zip(path, wanted)
    except OSError as error:
        raise BadInput(str(path), f"cannot be read: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise BadInput(str(path), f"is a damaged zip file: {error}") from error


def _of_zip(path: Path, wanted: str) -> list[Table]:
    """Every table with addresses; others (posts, pictures) are passed over."""
    with zipfile.ZipFile(path) as archive:
        listed = [one for one in archive.infolist() if not one.is_dir()]
    if sum(one.file_size for one in listed) > _UNPACKED:
        raise BadInput(str(path), "would unpack to more than four gigabytes")
    names = [one.filename for one in listed if _may_be_table(one.filename)]
    tables = []
    for name in sorted(names):
        try:
            tables.append(_table(path, name, wanted))
        except BadInput:
            continue
    if not tables:
        raise BadInput(str(path), f"holds no table of readers; there are: {', '.join(names)[:200]}")
    return tables


def _may_be_table(name: str) -> bool:
    plain = not name.startswith("__MACOSX/") and not Path(name).name.startswith(".")
    return plain and name.lower().endswith((".csv", ".tsv", ".txt"))


def _table(path: Path, member: str, wanted: str) -> Table:
    encoding = _encoding(path, member)
    with _text(path, member, encoding) as stream:
        head = stream.read(_HEAD).replace("\0", "")
    if not head.strip():
        raise BadInput(_named(path, member), "is empty")
    said = re.match(r"\s*sep=([,;\t|])\s*\n", head)
    delimiter = said[1] if said else _delimiter(head)
    escape = "\\" if _ESCAPED.search(head) else None
    rows = _rows(path, member, encoding, delimiter, escape)
    first = next(rows, None) if not said else (next(rows, None) and next(rows, None))
    if first is None:
        raise BadInput(_named(path, member), "is empty")
    sample = [cells for _, cells in _few(rows)]
    try:
        layout = layouts.recognise(member or path.name, first[1], sample, wanted)
    except BadInput as error:
        if error.item.startswith("--"):
            raise
        raise BadInput(f"{_named(path, member)}, {error.item}", error.reason) from None
    skipped = (1 if said else 0) + (1 if layout.columns.headers else 0)
    return Table(path, member, encoding, delimiter, escape, skipped, layout)


def _named(path: Path, member: str) -> str:
    return f"{path}, {member}" if member else str(path)


def _few(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The first rows; a fault further down is told when its turn comes."""
    try:
        for _, row in zip(range(SAMPLE), rows, strict=False):
            yield row
    except BadInput:
        return


# ---------------------------------------------------------------- encoding


def _encoding(path: Path, member: str) -> str:
    """By its byte order mark, as UTF-8, or as what its letters look like: old spreadsheets write many."""
    with _bytes(path, member) as stream:
        head = stream.read(_HEAD)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[:400].count(0) * 3 > len(head[:400]):
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    odd = _not_utf8(path, member)
    return _by_letters(odd) if odd else "utf-8-sig"


def _not_utf8(path: Path, member: str) -> bytes:
    """The lines from the first one that is not UTF-8; empty where all are."""
    with _bytes(path, member) as stream:
        for line in stream:
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                more = (one for one in stream if not one.isascii())
                return line + b"".join(one for _, one in zip(range(200), more, strict=False))
    return b""


def _by_letters(sample: bytes) -> str:
    """What Windows writes in the West, unless the letters make more sense in another of its pages."""
    pages = [
        "cp1252",
        "cp1250",
        "cp1251",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "mac_roman",
        "cp932",
    ]
    import charset_normalizer  # four megabytes that hardly any file needs

    found = charset_normalizer.from_bytes(sample, cp_isolation=pages).best()
    return found.encoding if found is not None and len(sample) > 400 else "cp1252"


# ---------------------------------------------------------------- rows


def _delimiter(head: str) -> str:
    """The sign by which most of the first lines fall into equally many cells, and into most."""
    lines = head.splitlines()[:30]
    return max(",;\t|", key=lambda sign: _evenness(lines, sign))


def _evenness(lines: list[str], sign: str) -> tuple[float, int]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
    except csv.Error:
        return (0.0, 0)
    if not widths or widths[0] < 2:
        return (0.0, 0)
    return (sum(width == widths[0] for width in widths) / len(widths), widths[0])


def _rows(
    path: Path, member: str, encoding: str, delimiter: str, escape: str | None
) -> Iterator[tuple[int, list[str]]]:
    """All rows that are not empty, each with the line where it begins, from 1."""
    with _text(path, member, encoding) as stream:
        lines = (line.replace("\0", "") if "\0" in line else line for line in stream)
        csv.field_size_limit(_LONGEST)
        reader = csv.reader(lines, delimiter=delimiter, escapechar=escape)
        begins = 1
        try:
            for cells in reader:
                if "".join(cells).strip():
                    yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            raise BadInput(
                f"{_named(path, member)}, line {begins}", f"is no CSV: {error}"
            ) from None


@contextmanager
def _text(path: Path, member: str, encoding: str) -> Iterator[IO[str]]:
    with _bytes(path, member) as stream:
        yield io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None)


@contextmanager
def _bytes(path: Path, member: str) -> Iterator[IO[bytes]]:
    if not member:
        with path.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        yield stream
