"""The child that sends a frozen issue with our own sender: `python -m bench.our_sender JOB`, JOB as JSON.

Its send phase is the whole of `drain`: compiling, connecting, claiming, sending and the ledger; or,
where the job says so, the same without a ledger (bench/plain.py).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench import houses, measure, plain
from digest import logs
from digest.delivery import sender
from digest.providers.smtp import SmtpProvider


def main(job: dict[str, Any]) -> None:
    logs.set_up("WARNING")
    provider = SmtpProvider(
        host="127.0.0.1",
        port=job["port"],
        security="none",
        channels=job["connections"],
        client_name="bench.example",
        **job["how"],
    )
    house = houses.opened(houses.Place(job["url"], Path(job["folder"])), provider)
    with measure.phase(0) as told:
        if job["ledger"]:
            told["messages"] = sender.drain(house, until_empty=True).handed_over
        else:
            told["messages"] = plain.drain(house, job["readers"])
    house.database.close()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
