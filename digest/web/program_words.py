"""What tokens may do and webhooks are told, in words."""

from __future__ import annotations

from collections.abc import Mapping

from digest.model import HookKind, Scope

SCOPES: Mapping[Scope, str] = {
    Scope.ARTICLES_READ: "read stored articles",
    Scope.ARTICLES_WRITE: "push articles, and take them off",
    Scope.ISSUES_READ: "read issues and their mail",
    Scope.ISSUES_WRITE: "build drafts again",
    Scope.ISSUES_DECIDE: "approve, hold and skip issues",
    Scope.NUMBERS_READ: "read the numbers of issues",
    Scope.READERS_READ: "read readers, with their addresses",
    Scope.READERS_WRITE: "subscribe, import, change and suppress readers",
    Scope.READERS_ERASE: "erase readers for good",
    Scope.SOURCES_READ: "read how sources are",
    Scope.WEBHOOKS_READ: "read webhooks and their deliveries",
    Scope.WEBHOOKS_WRITE: "make, change and try webhooks",
}

EVENTS: Mapping[HookKind, str] = {
    HookKind.READER_CONFIRMED: "a reader confirmed",
    HookKind.READER_LEFT: "a reader left",
    HookKind.READER_ERASED: "a reader was erased",
    HookKind.READER_BOUNCED: "a reader’s mailbox sent a copy back",
    HookKind.READER_COMPLAINED: "a reader complained",
    HookKind.ISSUE_DRAFTED: "the final draft was made",
    HookKind.ISSUE_APPROVED: "an issue was approved",
    HookKind.ISSUE_HELD: "an issue was held",
    HookKind.ISSUE_SKIPPED: "an issue was skipped",
    HookKind.ISSUE_SENDING: "a send began",
    HookKind.ISSUE_SENT: "a send ended",
    HookKind.ISSUE_AT_RISK: "something threatens an issue",
}


def field(word: str) -> str:
    """The name of a box in a form: `issues_read` for `issues:read`."""
    return word.replace(":", "_").replace(".", "_")
