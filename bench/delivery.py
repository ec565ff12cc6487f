"""How fast and how cheaply we send, beside others: `python bench/delivery.py --help`.

Each block is one server at one distance. In it the peers take turns, run after run, so that what
else the machine does meets all of them; the ratios are taken within each turn. Read ratios and
CPU seconds: they travel between machines better than rates.

What is measured is the send phase, of all alike: of our sender the whole of `drain` (compiling,
connecting, the ledger and its state maps included), of the libraries from the first connection to
the last answer, of smtp-source, which starts in a millisecond, the program. The start of an
interpreter and the making of the house are left out; `wall` has the former. The others send bytes
made before and keep no record of it; `no-ledger` is our sender without its records.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import build, houses, measure, postfix, servers
from bench.measure import Failed, Run
from bench.peers import Library, Ours, Peer, SmtpSource, Task
from bench.postgres import started
from digest import logs

#: Peer → about how many messages a second it makes on one core; says how long its runs are.
LIBRARIES = {"smtplib": 1000.0, "aiosmtplib": 250.0}
SERVERS = ("smtp-sink", "fast", "fast-data")


@dataclass(frozen=True, slots=True)
class Block:
    """One server at one distance. `fast-data` is the fast sink without CHUNKING."""

    server: str
    round_trip_ms: float

    @property
    def name(self) -> str:
        return f"{self.server}@{self.round_trip_ms:g}"


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    logs.set_up("WARNING")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    tools, reason = _tools()
    if tools is None:
        _say(f"without Postfix's smtp-source and smtp-sink: {reason}")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="digest-bench-")))
        server = asked.database or (stack.enter_context(started()) if asked.postgres else None)
        templates = houses.Templates(folder, asked.size, server=server)
        stack.callback(templates.remove)
        body = houses.message(houses.edition(asked.size))
        (folder / "message").write_bytes(body)
        peers = _peers(asked, tools, templates, folder / "message", len(body))
        _head(asked, templates, len(body))
        results = [_measured(block, asked, tools, peers) for block in _blocks(asked, tools)]
    asked_for = vars(asked) | {"json": str(asked.json)}
    measure.keep(asked.json, asked=asked_for, blocks=results)
    return 0 if results and all(one["runs"] for one in results) else 1


def _asked(words: Sequence[str]) -> argparse.Namespace:
    lines = (__doc__ or "").split("\n\n")
    form = argparse.ArgumentParser(description="\n\n".join(lines[1:]))
    add = form.add_argument
    add("--readers", type=int, default=20_000, help="the most messages of a run (20000)")
    add("--runs", type=int, default=5, help="turns of each peer in a block (5)")
    add("--connections", type=int, default=10, help="connections of each peer (10)")
    add("--size", type=int, default=60_000, help="bytes of a message, about (60000)")
    add(
        "--delay",
        type=float,
        nargs="*",
        default=[0, 20, 50],
        help="added round trips, ms (0 20 50)",
    )
    add("--seconds", type=float, default=5.0, help="about how long a slow peer's run is (5)")
    add("--limit", type=float, default=600.0, help="no run may take longer, seconds (600)")
    add("--only", nargs="*", default=["*"], help="blocks, such as fast@0 'smtp-sink@*'")
    add("--peers", nargs="*", help="ours no-ledger smtp-source smtplib aiosmtplib (all)")
    add("--database", help="a PostgreSQL on which databases may be made; else SQLite")
    add("--postgres", action="store_true", help="start a PostgreSQL for this (from a package)")
    add("--workers", type=int, default=1, help="processes of our sender that share the connections")
    add("--trips", type=int, choices=(1, 2, 4), help="round trips a message, of our sender")
    add("--depth", type=int, help="messages in flight a connection, of our sender")
    add("--json", type=Path, help="write all figures to this file")
    add("--quick", action="store_true", help="tiny numbers: shows that it works, measures nothing")
    asked = form.parse_args(words)
    if asked.quick:
        asked.readers, asked.runs, asked.connections, asked.seconds = 40, 1, 2, 0.2
        asked.delay = [0, 4]
    return asked


def _tools() -> tuple[postfix.Postfix | None, str]:
    try:
        return postfix.find(), ""
    except postfix.NoPostfix as error:
        return None, str(error)


def _peers(
    asked: argparse.Namespace,
    tools: postfix.Postfix | None,
    templates: houses.Templates,
    message: Path,
    size: int,
) -> list[Peer]:
    how = {name: getattr(asked, name) for name in ("trips", "depth") if getattr(asked, name)}
    found: list[Peer] = [
        Ours(templates=templates, workers=asked.workers, how=how),
        Ours(templates=templates, how=how, ledger=False),
    ]
    if tools is not None:
        found.append(SmtpSource(tools=tools, size=size))
    found += [Library(name=name, rate=rate, message=message) for name, rate in LIBRARIES.items()]
    return [one for one in found if not asked.peers or one.name.split()[0] in asked.peers]


def _blocks(asked: argparse.Namespace, tools: postfix.Postfix | None) -> Iterator[Block]:
    for delay in asked.delay:
        for server in SERVERS:
            block = Block(server, delay)
            wanted = any(fnmatch.fnmatch(block.name, one) for one in asked.only)
            if wanted and (tools is not None or server != "smtp-sink"):
                yield block


# ---------------------------------------------------------------- one block


def _measured(
    block: Block, asked: argparse.Namespace, tools: postfix.Postfix | None, peers: Sequence[Peer]
) -> dict[str, Any]:
    """All runs of one block; what failed is said and left out."""
    runs: dict[str, list[Run]] = {}
    turns: list[dict[str, Run]] = []
    try:
        with _server(block, tools) as (sink, port):
            for turn in range(asked.runs):
                _say(f"{block.name}: turn {turn + 1} of {asked.runs}")
                turns.append(_turn(block, asked, peers, sink, port))
    except (build.CannotBuild, servers.NoServer) as error:
        _say(f"{block.name} is left out: {error}")
    for one in turns:
        for name, run in one.items():
            runs.setdefault(name, []).append(run)
    ratios = _ratios(block, asked, turns)
    if runs:
        _print(block, runs, ratios)
    told = {name: [run.told() for run in all_] for name, all_ in runs.items()}
    return {"block": block.name, "runs": told, "ratios": ratios}


def _turn(
    block: Block,
    asked: argparse.Namespace,
    peers: Sequence[Peer],
    sink: servers.Server,
    port: int,
) -> dict[str, Run]:
    """Each peer once."""
    done: dict[str, Run] = {}
    for peer in peers:
        count = peer.messages(
            most=asked.readers,
            seconds=asked.seconds,
            connections=asked.connections,
            round_trip_s=block.round_trip_ms / 1000,
        )
        task = Task(
            port=port,
            connections=asked.connections,
            messages=max(count, asked.connections),
            limit_s=asked.limit,
        )
        try:
            done[peer.name] = _counted(peer, task, sink, count_it=block.server != "smtp-sink")
        except Failed as error:
            _say(f"{block.name}: {peer.name} failed: {error}")
    return done


def _counted(peer: Peer, task: Task, sink: servers.Server, *, count_it: bool) -> Run:
    """One run, with the server's own processor time; a sink that counts must agree. Raises Failed."""
    cpu_s, before = sink.cpu_s(), sink.accepted() if count_it else 0
    run = peer.run(task)
    if count_it and (accepted := sink.accepted() - before) != task.messages:
        raise Failed(f"{task.messages} messages were sent, and the sink accepted {accepted}")
    values = {name: getattr(run, name) for name in run.__dataclass_fields__}
    return Run(**values | {"server_cpu_s": sink.cpu_s() - cpu_s})


@contextmanager
def _server(block: Block, tools: postfix.Postfix | None) -> Iterator[tuple[servers.Server, int]]:
    """The block's server, and the port at which it is as far away as the block says."""
    with contextlib.ExitStack() as stack:
        if block.server == "smtp-sink":
            assert tools is not None
            sink = stack.enter_context(servers.smtp_sink(tools))
        else:
            sink = stack.enter_context(servers.fast_sink(chunking=block.server == "fast"))
        port = sink.port
        if block.round_trip_ms:
            port = stack.enter_context(servers.delayed(port, block.round_trip_ms)).port
        yield sink, port


# ---------------------------------------------------------------- what is printed


def _ratios(
    block: Block, asked: argparse.Namespace, turns: Sequence[dict[str, Run]]
) -> dict[str, list[float]]:
    """What the bars speak of, turn by turn."""
    found: dict[str, list[float]] = {}
    for turn in turns:
        ours = next((run for name, run in turn.items() if name.startswith("ours")), None)
        if ours is None:
            continue
        for name, other in turn.items():
            if other is not ours:
                found.setdefault(f"rate, ours / {name}", []).append(ours.rate / other.rate)
                cost = ours.cpu_per_1000 / max(other.cpu_per_1000, 1e-9)
                found.setdefault(f"CPU a message, ours / {name}", []).append(cost)
        if block.round_trip_ms:
            most = asked.connections / (block.round_trip_ms / 1000)
            found.setdefault("rate, ours / (connections / round trip)", []).append(ours.rate / most)
    return found


def _print(block: Block, runs: dict[str, list[Run]], ratios: dict[str, list[float]]) -> None:
    print(f"\n{block.name}")
    columns = ("", "messages", "messages/s", "CPU s/1000", "server CPU", "peak MB", "wall s")
    form = "{:<14}{:>9}{:>26}{:>24}{:>12}{:>9}{:>8}"
    print(form.format(*columns))
    for name, all_ in runs.items():
        line = (
            name,
            f"{all_[0].messages:,}",
            measure.shown(run.rate for run in all_),
            measure.shown((run.cpu_per_1000 for run in all_), ".4f"),
            f"{measure.middle(1000 * r.server_cpu_s / r.messages for r in all_)[0]:.3f}",
            f"{measure.middle(run.peak_mb for run in all_)[0]:.0f}",
            f"{measure.middle(run.wall_s for run in all_)[0]:.1f}",
        )
        print(form.format(*line))
    for name, values in ratios.items():
        print(f"  {name:<42} {measure.shown(values, '.2f')}")
    sys.stdout.flush()


def _head(asked: argparse.Namespace, templates: houses.Templates, size: int) -> None:
    about = f"{asked.connections} connections, {size:,} bytes a message, {templates.kind}"
    print(f"{about}; median (least-most) of {asked.runs} interleaved runs")
    print("server@N: N ms are added to every round trip; fast-data: the fast sink without CHUNKING")
    print(", ".join(f"{name} {value}" for name, value in measure.machine().items()))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
