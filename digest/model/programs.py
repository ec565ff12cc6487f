"""What programs may do here, and what they are told."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What a token of the API opens. Each is one thing that an editor does at the desk."""

    ARTICLES_READ = "articles:read"
    ARTICLES_WRITE = "articles:write"
    ISSUES_READ = "issues:read"
    ISSUES_WRITE = "issues:write"  # build the draft again
    ISSUES_DECIDE = "issues:decide"  # approve, take back, hold, skip
    NUMBERS_READ = "numbers:read"
    READERS_READ = "readers:read"  # with their addresses
    READERS_WRITE = "readers:write"
    READERS_ERASE = "readers:erase"
    SOURCES_READ = "sources:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


class HookKind(StrEnum):
    """What happens and is told to webhooks that want it."""

    READER_CONFIRMED = "reader.confirmed"
    READER_LEFT = "reader.left"
    READER_ERASED = "reader.erased"
    READER_BOUNCED = "reader.bounced"
    READER_COMPLAINED = "reader.complained"
    ISSUE_DRAFTED = "issue.drafted"
    ISSUE_APPROVED = "issue.approved"
    ISSUE_HELD = "issue.held"
    ISSUE_SKIPPED = "issue.skipped"
    ISSUE_SENDING = "issue.sending"
    ISSUE_SENT = "issue.sent"
    ISSUE_AT_RISK = "issue.at_risk"


#: What a webhook is told when somebody tries it.
TEST = "test"
