"""The command `digest`. Each command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import errno
import sys
from typing import NoReturn

import typer

from digest.cli import (
    door,
    figures,
    issues,
    judging,
    operate,
    proving,
    readers,
    returns,
    seats,
    segmenting,
    sources,
    stages,
)

#: What a command says that could write nothing down.
FULL = "the disk is full: free some of it, or move DIGEST_DATA to another"

app = typer.Typer(
    name="digest",
    help="The Sunday Catchup: one mail on Sunday with all the week's stories.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command("demo", rich_help_panel="Start")(operate.demo)
app.command("up")(operate.up)
app.command("check")(operate.check)
app.command("doctor")(operate.doctor)
app.command("migrate")(operate.migrate)
app.command("rekey")(operate.rekey)
app.command("worker")(operate.worker)

app.command("collect")(sources.collect)
app.command("build")(issues.build)
app.command("preview")(issues.preview)
app.command("proof")(proving.proof)
app.command("approve")(issues.approve)
app.command("send")(issues.send)
app.command("waves")(issues.waves)
app.command("pause")(issues.pause)
app.command("resume")(issues.resume)
app.command("cancel")(issues.cancel)
app.command("resend")(issues.resend)
app.command("status")(issues.status)
app.command("ledger")(issues.ledger)
app.command("explain")(judging.explain)
app.command("learn")(judging.learn)

app.add_typer(sources.sources, name="sources")
app.add_typer(readers.subscribers, name="subscribers")
app.add_typer(segmenting.segments, name="segments")
app.command("consent")(door.consent)
app.command("embed")(door.embed)
app.add_typer(seats.editor, name="editor")
app.add_typer(returns.bounces, name="bounces")

app.add_typer(figures.signals, name="signals")
app.add_typer(stages.feeds, name="feeds")
app.command("extract")(stages.extract)
app.command("cluster")(stages.cluster)
app.command("summarise")(stages.summarise)
app.command("rank")(stages.rank)


@app.callback()
def _root() -> None:
    """The Sunday Catchup: one mail on Sunday with all the week's stories."""


def main() -> None:
    """Run the command; what went wrong is told in plain words, exit status 2, never as a traceback."""
    from digest.errors import DigestError

    try:
        app()
    except BrokenPipeError:
        sys.exit(141)
    except DigestError as error:
        _fail(str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _fail(f"{FULL}{f' ({error.filename})' if error.filename else ''}")
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except Exception as error:
        if not type(error).__module__.startswith(("sqlalchemy", "alembic")):
            raise
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        if "disk is full" in reason:
            _fail(FULL)
        _fail(f"the database cannot be used: {reason}; see DIGEST_DATABASE_URL and `digest doctor`")


def _fail(message: str) -> NoReturn:
    for line in message.splitlines():
        print(f"digest: {line}", file=sys.stderr)
    sys.exit(2)
