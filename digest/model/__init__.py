"""The plain data that travels between the stages: frozen, slotted, without rows or sockets.

All times are aware and in UTC. The way of an issue, told by the types:
`IncomingArticle` (what a source gives) → `Article` (stored) → `Selection` → `Storyline` →
`Summary` → `Ranked` → `IssueContent` (composed) → `Rendered` (a mail's parts) → `Edition` (frozen).
"""

from __future__ import annotations

from digest.model.articles import (
    Article,
    ArticleId,
    Caption,
    DateSource,
    Engagement,
    Image,
    IncomingArticle,
    Unit,
)
from digest.model.issues import (
    Approval,
    Coverage,
    Edition,
    EditionId,
    EditorId,
    Issue,
    IssueContent,
    IssueId,
    IssueStatus,
    Omission,
    Rendered,
    Section,
    Story,
    ThreadItem,
)
from digest.model.readers import (
    FINAL,
    Cadence,
    DeliveryState,
    Mail,
    Message,
    Preferences,
    Reader,
    SubscriberId,
    SubscriptionStatus,
    UncertainPolicy,
)
from digest.model.reports import Report, ReportKind
from digest.model.stages import LeftOut, Ranked, Reason, Selection, Sentence, Storyline, Summary
from digest.model.times import Moments, Window

__all__ = [
    "FINAL",
    "Approval",
    "Article",
    "ArticleId",
    "Cadence",
    "Caption",
    "Coverage",
    "DateSource",
    "DeliveryState",
    "Edition",
    "EditionId",
    "EditorId",
    "Engagement",
    "Image",
    "IncomingArticle",
    "Issue",
    "IssueContent",
    "IssueId",
    "IssueStatus",
    "LeftOut",
    "Mail",
    "Message",
    "Moments",
    "Omission",
    "Preferences",
    "Ranked",
    "Reader",
    "Reason",
    "Rendered",
    "Report",
    "ReportKind",
    "Section",
    "Selection",
    "Sentence",
    "Story",
    "Storyline",
    "SubscriberId",
    "SubscriptionStatus",
    "Summary",
    "ThreadItem",
    "UncertainPolicy",
    "Unit",
    "Window",
]
