"""In what form a reader wants a newsletter: a row's words, which the sender asks for with the address."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import Session, col

from digest.model import Choice
from digest.store import statements
from digest.store.tables import SubscriptionRow


def keep(session: Session, subscriber_id: int, newsletter: str, choice: Choice) -> bool:
    """Write down what a reader chose, in place of what was; False where there is no subscription."""
    subscription = update(SubscriptionRow).where(
        col(SubscriptionRow.subscriber_id) == subscriber_id,
        col(SubscriptionRow.newsletter) == newsletter,
    )
    values = {
        "language": choice.language[:20],
        "theme": choice.theme[:20],
        "unwanted_sections": "\n".join(sorted(choice.unwanted)),
        "first_sections": "\n".join(choice.first),
    }
    return statements.moved(session, subscription.values(**values)) == 1
