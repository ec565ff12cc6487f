"""What is made once a mail and used for each of its readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from digest.model import Mail

T = TypeVar("T")

#: Mails that are sent at the same time, such as an edition in its languages and the notices.
_KEPT = 8


@dataclass(slots=True)
class PerMail(Generic[T]):
    """Makes it at the first reader of a mail; the last few mails' are kept."""

    make: Callable[[Mail], T]
    _made: dict[int, tuple[Mail, T]] = field(default_factory=dict)

    def of(self, mail: Mail) -> T:
        found = self._made.get(id(mail))  # the mail is kept beside it, so nobody else has its id
        if found is not None:
            return found[1]
        while len(self._made) >= _KEPT:
            del self._made[next(iter(self._made))]
        made = self.make(mail)
        self._made[id(mail)] = (mail, made)
        return made
