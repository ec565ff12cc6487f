"""The command `digest`. Each command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import errno
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from digest.cli import (
    audit,
    contests,
    door,
    figures,
    figuring,
    hooking,
    issues,
    judging,
    keeping,
    operate,
    proving,
    readers,
    reading,
    returns,
    seats,
    segmenting,
    sources,
    stages,
    tokens,
)

#: What a command says that could write nothing down.
FULL = "the disk is full: free some of it, or move DIGEST_DATA to another"


#: Every command, by what a person wants.
COMMANDS: dict[str, dict[str, Any]] = {
    "Start": {
        "demo": operate.demo,
        "init": operate.init,
        "up": operate.up,
        "check": operate.check,
        "doctor": operate.doctor,
        "worker": operate.worker,
        "migrate": operate.migrate,
        "rekey": operate.rekey,
        "backup": keeping.backup,
        "restore": keeping.restore,
        "identity": keeping.identity,
        "docs": reading.docs,
    },
    "What comes in": {
        "sources": sources.sources,
        "collect": sources.collect,
        "signals": figures.signals,
    },
    "An issue": {
        "status": issues.status,
        "build": issues.build,
        "explain": judging.explain,
        "preview": issues.preview,
        "proof": proving.proof,
        "ab": contests.ab,
        "approve": issues.approve,
        "learn": judging.learn,
    },
    "A send": {
        "send": issues.send,
        "waves": issues.waves,
        "pause": issues.pause,
        "resume": issues.resume,
        "cancel": issues.cancel,
        "resend": issues.resend,
        "ledger": issues.ledger,
        "bounces": returns.bounces,
        "numbers": figuring.numbers,
    },
    "People": {
        "subscribers": readers.subscribers,
        "segments": segmenting.segments,
        "consent": door.consent,
        "embed": door.embed,
        "editor": seats.editor,
        "token": tokens.token,
        "webhook": hooking.webhook,
        "audit": audit.audit,
    },
    "Each step alone, in JSON lines": {
        "feeds": stages.feeds,
        "extract": stages.extract,
        "cluster": stages.cluster,
        "summarise": stages.summarise,
        "rank": stages.rank,
    },
}


class Groups(TyperGroup):
    """Its commands in the help by their groups, each with its whole first sentence.

    Typer groups them for Rich only, and to import Rich takes longer than all of this help.
    """

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        wide = max(map(len, self.commands))
        for group, names in COMMANDS.items():
            lines = [(n.ljust(wide), self.commands[n].get_short_help_str(200)) for n in names]
            with formatter.section(group):
                formatter.write_dl(lines)


app = typer.Typer(
    name="digest",
    cls=Groups,
    help="The Sunday Catchup: one mail on Sunday with all the week's stories.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _commands in COMMANDS.values():
    for _name, _command in _commands.items():
        if isinstance(_command, typer.Typer):
            app.add_typer(_command, name=_name)
        else:
            app.command(_name)(_command)


@app.callback()
def _root() -> None:
    """The Sunday Catchup: one mail on Sunday with all the week's stories."""


def main() -> None:
    """Run the command; what went wrong is told in plain words, exit status 2, never as a traceback."""
    from digest.errors import Busy, DigestError

    try:
        app()
    except BrokenPipeError:
        sys.exit(141)
    except Busy as error:
        _fail(f"{error}{_behind(error)}; `digest doctor` says what to do")
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


def _behind(error: Exception) -> str:
    """What the driver said, in brackets: a password that is wrong passes by no waiting."""
    from digest.checkup import database

    return f" ({database.words_of(error)})" if error.__cause__ else ""


def _fail(message: str) -> NoReturn:
    for line in message.splitlines():
        print(f"digest: {line}", file=sys.stderr)
    sys.exit(2)
