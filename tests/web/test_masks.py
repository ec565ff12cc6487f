"""Addresses as seats see them."""

from __future__ import annotations

from digest.store.editors import Role
from digest.web import masks


def test_only_who_answers_mail_sees_whole_addresses() -> None:
    for role in Role:
        shown = masks.shown("alice@mail.example", role)
        assert shown == ("a…@m….example" if role is Role.VIEWER else "alice@mail.example")


def test_a_veil_leaves_neither_the_name_nor_the_host() -> None:
    for address in ("a@b.co", "alice.liddell@very.long.host.example", "odd"):
        veiled = masks.veiled(address)
        assert len(veiled.replace("…", "")) < 12
        assert "liddell" not in veiled
        assert "host" not in veiled
