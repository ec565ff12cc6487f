"""`digest up` in a process of its own, at the hour of the send: `python -m tests.delivery.web_process FOLDER URL PORT`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
import time
from pathlib import Path

from digest.cli.serving import serve
from digest.providers.smtp import SmtpProvider
from digest.store.engine import Database
from tests.delivery.sundays import a_house


def main(folder: str, url: str, relay: str) -> None:
    """Serve, schedule and send until SIGTERM, on a port that is free."""
    provider = SmtpProvider(host="127.0.0.1", port=int(relay), security="none", channels=3)
    house = a_house(Database(url), Path(folder), provider)
    sunday, began = house.clock(), time.monotonic()

    def clock() -> dt.datetime:
        return sunday + dt.timedelta(seconds=time.monotonic() - began)

    serve(dataclasses.replace(house, clock=clock), host="127.0.0.1", port=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
