"""DMARC as of RFC 9989 (May 2026, in place of RFC 7489): whose policy holds, and whether identities agree with it.

No list of public suffixes: the organisation's domain is found by a walk up the tree of names (§4.10). Of the tags
(§4.7) `pct`, `rf` and `ri` are gone, and receivers pass over what they do not know; `np`, `psd` and `t` are new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.domains.records import Finding, tags, txt
from digest.protocols import NameServer

#: RFC 9989 §4.10: a walk asks for no more names than this.
_NAMES = 8
_GONE = ("pct", "rf", "ri")
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Record:
    """One record and where it was found."""

    domain: str
    tags: dict[str, str]

    @property
    def policy(self) -> str:
        return self.tags.get("p", "").lower()

    @property
    def reports(self) -> bool:
        return self.tags.get("rua", "").lower().startswith("mailto:")

    def holds_for(self, domain: str) -> str:
        """The policy for mail from this domain; empty where receivers must pass the record over (§4.10.1).

        A policy that is missing or unknown counts as `none` where reports are asked for.
        """
        told = [self.tags[name].lower() for name in ("p", "sp", "np") if name in self.tags]
        if not self.policy or not all(one in _POLICIES for one in told):
            return "none" if self.reports else ""
        own = self.domain == domain
        return self.policy if own else self.tags.get("sp", self.policy).lower()


def walk(names: NameServer, domain: str) -> list[Record]:
    """The records from a domain up to the root, the longest name first; one with `psd` ends it."""
    found: list[Record] = []
    for name in _targets(domain):
        record = _record(names, name)
        if record:
            found.append(record)
            if record.tags.get("psd", "u").lower() in ("y", "n"):
                break
    return found


def _targets(domain: str) -> list[str]:
    labels = domain.split(".")
    rest = labels[1:] if len(labels) < _NAMES else labels[1 - _NAMES :]
    return [domain, *(".".join(rest[at:]) for at in range(len(rest)))]


def _record(names: NameServer, domain: str) -> Record | None:
    """The one record at a name; of several none counts."""
    found = [
        one for one in names.texts(f"_dmarc.{domain}") if re.match(r"v\s*=\s*DMARC1\s*(;|$)", one)
    ]
    return Record(domain, tags(found[0])) if len(found) == 1 else None


def organisation(domain: str, found: list[Record]) -> str:
    """The organisation's domain, by the records of a walk that began at `domain` (§4.10.2)."""
    for record in found:
        psd = record.tags.get("psd", "u").lower()
        if psd == "n":
            return record.domain
        if psd == "y" and record.domain != domain:
            below = domain.removesuffix(f".{record.domain}").rpartition(".")[2]
            return f"{below}.{record.domain}"
    return found[-1].domain if found else domain


def agree(names: NameServer, author: str, other: str, *, strict: bool = False) -> bool:
    """Whether an authenticated domain speaks for the author's: the same, or of the same organisation."""
    if author == other:
        return True
    if strict:
        return False
    both = (organisation(one, walk(names, one)) for one in (author, other))
    return len(set(both)) == 1


@dataclass(frozen=True, slots=True)
class Identities:
    """Domains that receivers can authenticate a mail by; empty where there is none of ours.

    signed: the `d=` of our signature. returns: that of the return path.
    """

    signed: str = ""
    returns: str = ""


def examine(names: NameServer, author: str, identities: Identities) -> list[Finding]:
    """The policy for the domain of the From address, and whether our identities agree with it."""
    found = walk(names, author)
    organised = organisation(author, found)
    record = _of(author, found) or _of(organised, found) or (found[-1] if found else None)
    policy = record.holds_for(author) if record else ""
    if record is None or not policy:
        return [_without(names, author)]
    return [_told(author, record, policy), *_aligned(names, author, organised, record, identities)]


def _of(domain: str, found: list[Record]) -> Record | None:
    return next((one for one in found if one.domain == domain), None)


def _without(names: NameServer, author: str) -> Finding:
    asked = f"_dmarc.{author}"
    many = len([one for one in names.texts(asked) if one.startswith("v=DMARC1")])
    text = "no record: Google, Yahoo and Microsoft turn bulk mail away without one"
    if many > 1:
        text = f"{many} records, of which none counts; leave one"
    elif many:
        text = "its record has no policy that receivers know"
    line = txt(asked, f"v=DMARC1; p=none; rua=mailto:dmarc@{author}")
    return Finding(f"dmarc {author}", False, text, (line,))


def _told(author: str, record: Record, policy: str) -> Finding:
    told = [f"p={policy} by _dmarc.{record.domain}"]
    if record.tags.get("t", "n").lower() == "y":
        told.append("t=y: only a test, receivers apply one level less")
    gone = [name for name in _GONE if name in record.tags]
    if gone:
        told.append(f"{', '.join(gone)}: no longer known to receivers (RFC 9989), take it out")
    if "rua" not in record.tags:
        told.append("no rua: nobody reports to you who sends in your name")
    lasting = {name: value for name, value in record.tags.items() if name not in _GONE}
    lasting.setdefault("rua", f"mailto:dmarc@{record.domain}")
    better = "; ".join(f"{name}={value}" for name, value in lasting.items())
    lines = (txt(f"_dmarc.{record.domain}", better),) if lasting != record.tags else ()
    return Finding(f"dmarc {author}", True, "; ".join(told), lines)


def _aligned(
    names: NameServer, author: str, organised: str, record: Record, identities: Identities
) -> list[Finding]:
    """One identity that agrees is enough; a second one saves mail that is forwarded, or signed wrongly."""
    asked = (
        (identities.signed, "adkim", "the signature's"),
        (identities.returns, "aspf", "the return path's"),
    )
    told, any_agrees = [], False
    for domain, tag, whose in asked:
        if not domain:
            continue
        strict = record.tags.get(tag, "r").lower() == "s"
        agrees = agree(names, author, domain, strict=strict)
        any_agrees = any_agrees or agrees
        told.append(
            f"{whose} {domain} {'agrees' if agrees else 'does not agree'}"
            + (f" ({tag}=s)" if strict else "")
        )
    if not told:
        return []
    text = f"organisation {organised}: " + "; ".join(told)
    return [Finding(f"alignment {author}", any_agrees, text)]
