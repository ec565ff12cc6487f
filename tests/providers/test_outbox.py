"""The outbox: every message a true .eml file, whole or not there, the same key the same file."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.contracts.hand_over import a_message, messages, send
from digest.contracts.providers import Arrived, ProviderContract, from_eml
from digest.errors import SendHalted
from digest.protocols import Provider
from digest.providers.outbox import OutboxProvider


class TestOutbox(ProviderContract):
    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        yield OutboxProvider(folder=folder / "outbox")

    def arrived(self, folder: Path) -> list[Arrived]:
        return [from_eml(path.read_bytes()) for path in (folder / "outbox").rglob("*.eml")]

    def test_a_file_holds_the_very_bytes(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            send(provider, [a_message()])
        (path,) = (tmp_path / "outbox").rglob("*.eml")
        assert path.read_bytes() == a_message().data

    def test_nobody_else_may_read_a_mail_that_may_hold_a_login(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            send(provider, [a_message()])
        (path,) = (tmp_path / "outbox").rglob("*.eml")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_nothing_half_written_is_left_beside(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            send(provider, [a_message()])
        files = [path for path in (tmp_path / "outbox").rglob("*") if path.is_file()]
        assert [path.name for path in files] == ["key0.eml"]

    def test_a_key_cannot_lead_out_of_the_folder(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            send(provider, [dataclasses.replace(a_message(), key="../../etc/passwd")])
        (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert (tmp_path / "outbox") in file.parents

    def test_a_folder_that_cannot_be_written_halts_the_send(self, tmp_path: Path) -> None:
        (tmp_path / "outbox").write_text("a file where the folder should be")
        with self.provider(tmp_path) as provider:
            sent = send(provider, messages(3))
        assert sent.halted is not None
        assert "cannot be written" in sent.halted.reply
        assert sent.feed.keys(SendHalted) == ["key0"]
        assert len(sent.feed.queue) == 2
