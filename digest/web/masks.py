"""Addresses as seats see them: whole for who answers readers' mail, veiled for who only looks on."""

from __future__ import annotations

from digest.store.editors import Role

#: The least role that sees whole addresses.
SEES = Role.EDITOR


def shown(address: str, role: Role) -> str:
    """An address as a seat with this role sees it."""
    return address if role >= SEES else veiled(address)


def veiled(address: str) -> str:
    """`a…@m….example` for `alice@mail.example`: enough to tell two lines apart, too little to write to."""
    local, _, domain = address.rpartition("@")
    name, _, last = domain.rpartition(".")
    return f"{local[:1]}…@{name[:1]}….{last}"
