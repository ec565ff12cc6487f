"""Mailboxes on disk."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest

from digest.errors import NotFound
from digest.providers.mail_files import LARGEST, MailFiles

ONE, TWO = b"Subject: one\n\nA text.\n", b"Subject: two\n\nA text.\n"


def found(path: Path, *, settle: bool = True) -> list[bytes]:
    with MailFiles(path).open() as opened:
        bodies = []
        for name, body in opened.letters():
            bodies.append(body)
            if settle:
                opened.settle(name)
        return bodies


def test_a_maildirs_new_mail_is_given_until_it_is_settled(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box", create=True)
    for body in (ONE, TWO):
        box.add(body)
    path = tmp_path / "box"
    assert sorted(found(path, settle=False)) == [ONE, TWO]
    assert sorted(found(path)) == [ONE, TWO]
    assert found(path) == []
    assert {one.get_flags() for one in mailbox.Maildir(path)} == {"S"}
    assert len(mailbox.Maildir(path)) == 2


def test_an_mbox_a_folder_and_a_single_mail_are_read_and_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    box = mailbox.mbox(path, create=True)
    for body in (ONE, TWO):
        box.add(body)
    box.close()
    before = path.read_bytes()
    assert found(path) == [ONE, TWO]
    assert path.read_bytes() == before
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, body in (("a.eml", ONE), ("b.eml", TWO)):
        (folder / name).write_bytes(body)
    assert found(folder) == [ONE, TWO]
    assert found(folder / "a.eml") == [ONE]


def test_a_large_mail_is_read_in_part(tmp_path: Path) -> None:
    (tmp_path / "large.eml").write_bytes(ONE + b"x" * LARGEST)
    assert [len(body) for body in found(tmp_path / "large.eml")] == [LARGEST]


def test_where_nothing_is_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        found(tmp_path / "nowhere")
