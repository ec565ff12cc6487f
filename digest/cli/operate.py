"""Commands of the operator: try it, run it, check it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from digest.cli import noting, start


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where the demo keeps its site, database and outbox.")
    ] = Path("demo-data"),
    readers: Annotated[int, typer.Option(help="How many sample readers.")] = 200,
) -> None:
    """A whole week in a minute: a sample site, its Sunday, and the mail in an outbox."""
    from digest import logs
    from digest.cli.screen import Stages, demo_result
    from digest.demo.run import run

    logs.set_up("WARNING")
    with Stages() as progress:
        result = run(folder, readers=readers, progress=progress)
    demo_result(result)
    if not result.complete:
        raise typer.Exit(1)


def init(
    site: Annotated[str | None, typer.Option(help="Your site's address.")] = None,
    name: Annotated[str | None, typer.Option(help="The newsletter's name.")] = None,
    sender: Annotated[str | None, typer.Option(help="The address that it comes from.")] = None,
    timezone: Annotated[str | None, typer.Option(help="As Europe/Berlin.")] = None,
    provider: Annotated[str | None, typer.Option(help="How mail leaves: outbox, smtp, …")] = None,
    editor: Annotated[str | None, typer.Option(help="The first editor's address.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the house is to stand.")] = Path(),
) -> None:
    """Six questions, then a house of your own and its first mail as a preview. Overwrites nothing."""
    from digest.cli.founding import Given, found

    said = {"site": site, "name": name, "sender": sender, "timezone": timezone}
    found(folder, Given(**said, provider=provider, editor=editor))


def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    sample: Annotated[
        Path | None, typer.Option(help="Serve the sample newsletter, kept in this folder.")
    ] = None,
) -> None:
    """Serve for real: web, scheduler and worker in one process, until Ctrl-C."""
    told = {"host": host, "port": port}
    changes: dict[str, object] = {key: value for key, value in told.items() if value}
    if sample is not None:
        from digest.demo import run

        changes |= {"data": sample / "data", "schedules": run.this_week(sample)}
    settings, house = start.opened(changes, old_too=sample is not None, sends=True)
    start.templates_tried(house.schedules.values(), house.public_url)
    start.tell_what_is_wrong(settings, house)
    if sample is None:
        start.tell_where_others_lead(settings)
    start.traced(settings)
    from digest.cli.serving import serve

    house = start.watchful(settings, house)
    house.database.origin = ""  # what happens from now on nobody typed
    serve(house, host=settings.host, port=settings.port)


def worker() -> None:
    """Reconcile and send in this process, without the web, until SIGTERM or Ctrl-C."""
    settings, house = start.opened(sends=True)
    start.templates_tried(house.schedules.values(), house.public_url)
    start.tell_what_is_wrong(settings, house)
    start.traced(settings)
    from digest.worker import work

    house = start.watchful(settings, house)
    house.database.origin = ""  # what happens from now on nobody typed
    typer.echo("reconciling, polling and sending; Ctrl-C or SIGTERM ends it", err=True)
    work(house)


def migrate(
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help="Begin with no readers, though a house has worked in this folder."
        ),
    ] = False,
) -> None:
    """Bring the database to this version's tables."""
    _, house = start.opened(migrated=False)
    from digest import identity
    from digest.store import migrate as migrations

    lost = anew and identity.is_blank(house.database) and bool(identity.traces(house.data))
    if not anew:
        identity.is_new(house.database, house.data)
    before = migrations.current(house.database)
    migrations.upgrade(house.database, now=house.clock())
    after = migrations.current(house.database)
    if before != after:
        noting.note(house, "brought the tables up", before=before, after=after)
    if lost:  # by a look from before: another process may begin this very house at the same moment
        identity.take(house.database, house.data, by="operator", now=house.clock())
    elif before is None:
        identity.ensure(house.database, house.data, now=house.clock())
    told = f"was at {before}" if before else "was empty"
    typer.echo(f"the database {told} and is now at {after}")


def rekey(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so, for the log.")] = "operator",
) -> None:
    """Make the database one of the secret key that is set now. Links in mails that have left end with the old one."""
    _, house = start.opened(any_key=True)
    from digest import secret_key

    if not yes:
        typer.confirm("Links to leave in every mail that has left will break. Go on?", abort=True)
    done = secret_key.rekey(house.database, house.key, by=by, now=house.clock())
    typer.echo(f"the addresses of {done.readers} readers are hashed with the new key")
    if done.lost:
        typer.echo(
            f"{done.lost} suppressions of erased addresses hold nobody off any more", err=True
        )


def check() -> None:
    """Read settings, schedules and their own templates, list every fault with its line, send and write nothing."""
    from digest.bootstrap import utc_now
    from digest.checkup import faults, plugging, wanting, written
    from digest.checkup.setup import Setup
    from digest.errors import ConfigError

    read = faults.read()
    if read.settings is None or read.faults:
        raise ConfigError(read.faults)
    setup = Setup.of(read.settings, {one.key: one for one in read.schedules})
    slips = list(written.slips(setup))
    for schedule in read.schedules:
        calendar = schedule.calendar
        moments = calendar.moments(calendar.period_at(utc_now()))
        typer.echo(f"{schedule.key}: {schedule.newsletter.name}, {len(schedule.sources)} source(s)")
        for name in ("draft_at", "remind_at", "deadline_at", "send_at"):
            local = getattr(moments, name).astimezone(calendar.zone)
            typer.echo(f"  {name.removesuffix('_at'):9} {local:%A %H:%M} {calendar.zone.key}")
        for warning in (told for key, told in slips if key == schedule.key):
            typer.echo(f"  warning   {warning}")
    unused = plugging.idle(setup.settings, read.schedules)
    for warning in (*wanting.idle_limits(setup.settings), *unused):
        typer.echo(f"warning   {warning}")
    found = list(written.examine(setup))
    for one in found:
        weight = "warning  " if one.fine else "BAD      "
        typer.echo(f"{weight} {one.where}: {one.text} ({one.why}): {one.remedy}")
    if not all(one.fine for one in found):
        raise typer.Exit(1)
    typer.echo(
        f"settings and {len(read.schedules)} schedule(s) are fine ({setup.settings.schedules})"
    )


def doctor(
    dns: Annotated[
        bool, typer.Option("--dns", help="Ask DNS about SPF, DKIM, DMARC, MX and reverse names.")
    ] = False,
    dns_server: Annotated[
        str,
        typer.Option(help="With --dns: ask this address (and :port), not the system's servers."),
    ] = "",
    integrity: Annotated[
        bool, typer.Option("--integrity", help="Read the whole SQLite file for damage.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit status 1 also where something is to look at.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="A list of objects, for programs.")
    ] = False,
) -> None:
    """Look over the installation and name what is wrong, with the remedy. Exit status 1 if anything is."""
    from digest.cli import doctor

    names = None
    if dns or dns_server:
        from digest.providers.dns_lookup import DnsLookup

        names = DnsLookup(dns_server)
    with _progress() as heard:
        found = doctor.look(doctor.Asked(names, integrity, heard))
    if as_json:
        typer.echo(doctor.as_json(found))
    else:
        doctor.show(found)
    bad = any(not one.finding.fine or (strict and one.finding.doubtful) for one in found)
    raise typer.Exit(1 if bad else 0)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """How many have answered, for who sits before a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from digest.cli.screen import Stages

    with Stages() as stages:
        yield lambda done, total: stages("asking", done, total)
