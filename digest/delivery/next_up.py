"""Who of a chunk is next, and who of them cannot be mailed any more. Pure but for the lists it takes from."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import deque
from collections.abc import Iterable

from digest.delivery import verdicts
from digest.delivery.claims import Claim
from digest.delivery.verdicts import Job, Terms
from digest.model import Reader, SubscriberId
from digest.store.deliveries import Delivery


def unmailable(
    jobs: list[Job], here: dict[SubscriberId, Reader], terms: Terms, *, now: dt.datetime
) -> Iterable[Delivery]:
    """The verdicts on those who cannot be mailed: who has left is skipped, what cannot be replayed held."""
    if len(here) == len(jobs) and not any(job.note for job in jobs):
        return
    broken = {
        job.replay.batch for job in jobs if job.in_doubt and job.replay and job.id not in here
    }
    for job in jobs:
        replay = job.replay if job.in_doubt else None
        if replay and not verdicts.replayable(replay, terms, now=now):
            yield verdicts.held(job, "it can no longer be replayed", now=now)
        elif replay and replay.batch and replay.batch in broken:
            yield verdicts.held(job, "its request cannot be made again as it was", now=now)
        elif job.id not in here:
            yield verdicts.skipped(job, now=now)


def unpark(claim: Claim, now: dt.datetime) -> None:
    """Readers whose domain may be asked for again."""
    if claim.parked:
        claim.jobs.extend(job for again_at, job in claim.parked if again_at <= now)
        claim.parked = [one for one in claim.parked if one[0] > now]


def taken(jobs: deque[Job], wanted: int) -> list[Job]:
    """The first `wanted` jobs, and whoever must go in one request with the last of them."""
    taken = [jobs.popleft() for _ in itertools.repeat(None, min(max(wanted, 0), len(jobs)))]
    last = taken[-1].replay if taken and taken[-1].in_doubt else None
    while last and last.batch and jobs and jobs[0].replay and jobs[0].replay.batch == last.batch:
        taken.append(jobs.popleft())
    return taken
