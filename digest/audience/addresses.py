"""Addresses: what is mailed, and the key by which two spellings are one person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from digest.errors import BadInput


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be mailed.

    address: the local part as it was given, the domain in ASCII (IDNA, RFC 5891).
    key: folded for duplicates: small letters, no `+tag`.
    """

    address: str
    key: str


#: A local part that every reading of RFC 5321 takes: what nearly all addresses have.
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")


def parse(raw: str) -> Address:
    """Read one address. Raises BadInput with the reason in plain words.

    Asks no name server. A local part outside ASCII is refused: it would need SMTPUTF8 (RFC 6531)
    on the whole way to the reader.
    """
    text = raw.strip()
    local, at, domain = text.rpartition("@")
    if at and len(local) <= 64 and len(text) <= 200 and _PLAIN.fullmatch(local):
        try:
            return _address(local, _domain(domain))
        except EmailNotValidError:
            pass  # said below, in words that name the whole address
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise BadInput(" ".join(text.split())[:100] or "(empty)", str(error)) from None
    return _address(found.local_part, found.ascii_domain.lower())


@lru_cache(maxsize=10_000)
def _domain(domain: str) -> str:
    """The domain in ASCII: many readers have the same few. Raises EmailNotValidError."""
    found = validate_email(
        f"a@{domain}", check_deliverability=False, allow_smtputf8=False, strict=True
    )
    return found.ascii_domain.lower()


def _address(local: str, domain: str) -> Address:
    plain = local.partition("+")[0] or local
    return Address(f"{local}@{domain}", f"{plain.casefold()}@{domain}")


def spellings(key: str) -> str:
    """A regular expression of every spelling that folds to a key; case is to be ignored.

    Stands by itself: within a longer address there is none.
    """
    return rf"(?<![\w.+-]){anywhere(key)}(?![\w-]|\.\w)"


def anywhere(key: str) -> str:
    """The same without looking at what stands beside it, as in a row's bytes."""
    local, _, domain = key.rpartition("@")
    return rf"{re.escape(local)}(?:\+[^@\s]{{0,64}})?@{re.escape(domain)}"
