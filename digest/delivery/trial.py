"""Whether refusals speak of readers or of us: nobody fails until it is clear that others are welcome.

Refusals by policy (5.7.x, or any at DATA) are believed once another reader is accepted; so many in a
row with no acceptance between them are about us: few before the send has proven itself, more
afterwards, since a company that wants none of our mail may have a row of readers. Plain refusals are
believed as well, but while a send has not proven itself, too many of them among the first readers stop
it: a list that was never clean, a relay that refuses everybody in plain words, also a short list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

#: So many refusals by policy with no acceptance in between are about us; after the trial more of them.
SUSPECTS, PROVEN_SUSPECTS = 5, 25

#: Of the first so many readers at most so many may be refused (one in twenty).
FIRST, MOST = 200, 10

One = TypeVar("One")


@dataclass
class Trial(Generic[One]):
    """The refusals of one send that are not believed yet. proven: it has been through its trial."""

    proven: bool
    welcome: bool = False
    answered: int = 0
    _policy: list[tuple[One, str]] = field(default_factory=list)
    _plain: list[tuple[One, str]] = field(default_factory=list)
    _temporary: int = 0
    _of_policy: int = 0
    _stopped: bool = False

    def accepted(self) -> list[tuple[One, str]]:
        """One more was accepted; returns the refusals that are believed now."""
        self.answered += 1
        self.welcome = True
        self._temporary = 0
        if self._stopped:
            return []
        self._of_policy = 0
        if self.proven and not (self._policy or self._plain):
            return []
        believed, self._policy = self._policy, []
        return believed + self._believed_plain()

    def refused(self, one: One, reply: str, *, policy: bool) -> str:
        """One more was refused; returns why the whole send must stop, or nothing."""
        self.answered += 1
        if policy:
            self._policy.append((one, reply))
            self._of_policy += 1
            most = PROVEN_SUSPECTS if self.proven and self.welcome else SUSPECTS
            return self._stop(reply) if self._of_policy >= most else ""
        self._plain.append((one, reply))
        if self.proven or len(self._plain) <= MOST:
            return ""
        return self._stop(
            f"{len(self._plain)} of the first {self.answered} readers were refused: {reply}"
        )

    def _stop(self, reason: str) -> str:
        """From here on nobody is believed to have failed, whatever is still on the wire."""
        self._stopped = True
        return reason

    def deferred(self, reply: str) -> str:
        """One more was put off by policy (4.7.x); returns why the send should rest, or nothing."""
        self._temporary += 1
        return reply if self._temporary >= SUSPECTS else ""

    def settled(self) -> list[tuple[One, str]]:
        """Plain refusals that can be believed by now."""
        return self._believed_plain()

    def _believed_plain(self) -> list[tuple[One, str]]:
        if self._stopped or (not self.proven and self.answered < FIRST):
            return []
        self.proven = True
        believed, self._plain = self._plain, []
        return believed

    def ended(self) -> tuple[list[tuple[One, str]], str]:
        """Nobody is left to try: what is believed, and why the send stops if the rest is about us.

        Few plain refusals are the readers' own; refusals by policy too, where anybody was welcome. Where
        nobody ever was, and it is not one reader alone, somebody should look.
        """
        plain, self._plain = self._plain, []
        policy, self._policy = self._policy, []
        if self.welcome or (self.proven and not policy):
            return plain + policy, ""
        if policy:
            return plain, policy[0][1]
        if len(plain) > 1:
            return [], f"all {len(plain)} readers were refused: {plain[0][1]}"
        return plain, ""

    @property
    def open(self) -> bool:
        """True while refusals are kept back."""
        return bool(self._policy or self._plain)
