"""The statements about chunks on the hot path: a tick of the sender makes several, twenty times a second."""

from __future__ import annotations

from sqlalchemy import bindparam, text

from digest.store.tables import UtcDateTime

ALL = 2**31 - 1
_TIMES = {"due_at": UtcDateTime(), "claimed_at": UtcDateTime(), "beat_at": UtcDateTime()}
DUE = (
    text("""
SELECT send_id, no, lo, hi, size, state, owner, due_at, ahead, claimed_at, beat_at, born, arm,
    rest
FROM chunk
WHERE send_id = :send_id AND state NOT IN ('done', 'held')
    AND (state != 'waiting' OR due_at <= :now)
ORDER BY no LIMIT :most
""")
    .bindparams(bindparam("now", type_=UtcDateTime()))
    .columns(**_TIMES)
)
ORPHANS = (
    text("""
SELECT send_id, no, lo, hi, size, state, owner, due_at, ahead, claimed_at, beat_at, born, arm,
    rest
FROM chunk
WHERE send_id = :send_id AND state = 'claimed' AND beat_at < :before ORDER BY no
""")
    .bindparams(bindparam("before", type_=UtcDateTime()))
    .columns(**_TIMES)
)
CLAIM = text("""
UPDATE chunk SET state = 'claimed', owner = :owner, ahead = :ahead, claimed_at = :now, beat_at = :now,
    born = :born
WHERE send_id = :send_id AND no = :no AND state != 'done' AND owner IN ('', :owner, :other)
    AND arm = :arm
""").bindparams(bindparam("now", type_=UtcDateTime()))
BEAT = text("""
UPDATE chunk SET ahead = :ahead, beat_at = :now
WHERE send_id = :send_id AND no = :no AND owner = :owner AND state = 'claimed'
""").bindparams(bindparam("now", type_=UtcDateTime()))
DONE = text("""
UPDATE chunk SET state = 'done', owner = '', due_at = NULL
WHERE send_id = :send_id AND no = :no AND owner = :owner
""")
STATUS = text("SELECT status FROM send WHERE id = :send_id")
READERS = text("SELECT readers FROM chunk WHERE send_id = :send_id AND no = :no")
