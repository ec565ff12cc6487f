"""The tables. `table=True` does not validate: what comes in here is already plain `digest.model` data.

Times are aware in Python and UTC in the database (`UtcDateTime`). Long texts and documents are
JSON where nobody asks the database about their inside. Migrations must match these tables: a
test compares them on both databases.
"""

from __future__ import annotations

from digest.store.tables.base import Row, UtcDateTime
from digest.store.tables.clicks import ClickRow, LinkRow
from digest.store.tables.content import (
    ArticleApartRow,
    ArticleRevisionRow,
    ArticleRow,
    EngagementRow,
    FurnitureRow,
    NewsletterRow,
    SourceStateRow,
)
from digest.store.tables.contests import ArmVisitRow, ContestRow
from digest.store.tables.desk import (
    EditorRow,
    EventRow,
    FingerprintRow,
    HeartbeatRow,
    LimitRow,
    SessionRow,
)
from digest.store.tables.errands import ErrandRow
from digest.store.tables.factors import CodeAppRow, PasskeyRow, RecoveryCodeRow
from digest.store.tables.issues import (
    ApprovalRow,
    EditionRow,
    EditRow,
    IssueRow,
    LinkAnswerRow,
    SecondRow,
    UnpublishedRow,
    VariantRow,
    WeekRow,
)
from digest.store.tables.operating import RiskRow, TallyRow
from digest.store.tables.paces import PaceRow
from digest.store.tables.programs import (
    ApiCallRow,
    ApiTokenRow,
    HookEventRow,
    HookRow,
    HookTryRow,
)
from digest.store.tables.readers import (
    ConsentRow,
    ImportRow,
    MembershipRow,
    MoveRow,
    SilenceRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
    TokenRow,
)
from digest.store.tables.reports import OutcomeRow, ReportRow
from digest.store.tables.sending import ChunkRow, DeliveryRow, NoticeRow, RestRow, SendRow
from digest.store.tables.signups import AllowanceRow, ErasureRow, WishRow, WordingRow
from digest.store.tables.summaries import ModelSummaryRow

__all__ = [
    "AllowanceRow",
    "ApiCallRow",
    "ApiTokenRow",
    "ApprovalRow",
    "ArmVisitRow",
    "ArticleApartRow",
    "ArticleRevisionRow",
    "ArticleRow",
    "ChunkRow",
    "ClickRow",
    "CodeAppRow",
    "ConsentRow",
    "ContestRow",
    "DeliveryRow",
    "EditRow",
    "EditionRow",
    "EditorRow",
    "EngagementRow",
    "ErasureRow",
    "ErrandRow",
    "EventRow",
    "FingerprintRow",
    "FurnitureRow",
    "HeartbeatRow",
    "HookEventRow",
    "HookRow",
    "HookTryRow",
    "ImportRow",
    "IssueRow",
    "LimitRow",
    "LinkAnswerRow",
    "LinkRow",
    "MembershipRow",
    "ModelSummaryRow",
    "MoveRow",
    "NewsletterRow",
    "NoticeRow",
    "OutcomeRow",
    "PaceRow",
    "PasskeyRow",
    "RecoveryCodeRow",
    "ReportRow",
    "RestRow",
    "RiskRow",
    "Row",
    "SecondRow",
    "SendRow",
    "SessionRow",
    "SilenceRow",
    "SourceStateRow",
    "SubscriberRow",
    "SubscriptionRow",
    "SuppressionRow",
    "TallyRow",
    "TokenRow",
    "UnpublishedRow",
    "UtcDateTime",
    "VariantRow",
    "WeekRow",
    "WishRow",
    "WordingRow",
]
