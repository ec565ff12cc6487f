"""What every source, summariser and provider must do, as test classes to subclass: docs/extending.md shows how.

Needs pytest, which is imported with this package and by nothing else of the program.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{one}"
        for one in ("hand_over", "providers", "sources", "summarisers", "webhooks")
    )
)

from digest.contracts.hand_over import a_mail, a_message, messages, send  # noqa: E402
from digest.contracts.providers import Arrived, ProviderContract, from_eml  # noqa: E402
from digest.contracts.sources import SourceContract  # noqa: E402
from digest.contracts.summarisers import SummariserContract  # noqa: E402
from digest.contracts.webhooks import Call, WebhookContract  # noqa: E402

__all__ = [
    "Arrived",
    "Call",
    "ProviderContract",
    "SourceContract",
    "SummariserContract",
    "WebhookContract",
    "a_mail",
    "a_message",
    "from_eml",
    "messages",
    "send",
]
