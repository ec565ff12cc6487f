"""The outbox: every message a true .eml file, whole or not there, the same key the same file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import SendHalted
from digest.protocols import Provider
from digest.providers.outbox import OutboxProvider
from tests.providers.contract import ProviderContract, a_message, hand_over


class TestOutbox(ProviderContract):
    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        yield OutboxProvider(folder=folder / "outbox")

    def arrived(self, folder: Path) -> list[bytes]:
        return [path.read_bytes() for path in (folder / "outbox").rglob("*.eml")]

    def test_nothing_half_written_is_left_beside(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            hand_over(provider, a_message(key="abcdef"))
        files = [path for path in (tmp_path / "outbox").rglob("*") if path.is_file()]
        assert [path.name for path in files] == ["abcdef.eml"]

    def test_a_key_cannot_lead_out_of_the_folder(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            hand_over(provider, a_message(key="../../etc/passwd"))
        (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert (tmp_path / "outbox") in file.parents

    def test_a_folder_that_cannot_be_written_halts_the_send(self, tmp_path: Path) -> None:
        (tmp_path / "outbox").write_text("a file where the folder should be")
        with self.provider(tmp_path) as provider:
            (error,) = hand_over(provider, a_message())
        assert isinstance(error, SendHalted)
        assert "cannot be written" in error.reply
