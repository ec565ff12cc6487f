"""Commands about signing up: the form for other sites, and the proof of a consent."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from digest.cli import start


def embed(
    newsletter: Annotated[
        str | None, typer.Argument(help="Needed where there are several.")
    ] = None,
) -> None:
    """Print a sign-up form that works on any site: paste it into a page."""
    from digest.cli.readers import one_newsletter
    from digest.web.embed import snippet
    from digest.web.speech import Speech

    _, house = start.opened()
    schedule = house.schedule(one_newsletter(house, newsletter, says="digest embed "))
    speech = Speech(schedule.newsletter.language, schedule.newsletter.timezone)
    typer.echo(snippet(schedule, speech, public_url=house.public_url), nl=False)


def consent(
    address: Annotated[str, typer.Argument(help="The reader's address.")],
    newsletter: Annotated[
        str | None, typer.Option(help="Only about this one; left out: about all.")
    ] = None,
) -> None:
    """The proof of a reader's consent as JSON: what was shown, when, where from, when confirmed."""
    from digest.audience import proofs

    _, house = start.opened()
    proof = proofs.of_address(house.database, address, newsletter=newsletter, now=house.clock())
    typer.echo(json.dumps(proof, indent=2, ensure_ascii=False))
