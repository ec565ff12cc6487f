"""docs/benchmarks.md out of the figures of the measurements: pure, the same figures give the same page.

Each part's figures are those that its command writes with --json. Ratios come first: they travel between machines,
rates do not. A ratio is how many times better ours is, so above 1 we are ahead.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import plots
from bench.plots import Ratio

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One part on the page. beside: the ratios that stand in the first table."""

    title: str
    lines: tuple[str, ...]
    ratios: tuple[Ratio, ...] = ()


@dataclass(slots=True)
class Page:
    """The page's text, and its pictures by name."""

    text: str
    pictures: dict[str, str] = field(default_factory=dict)


def page(found: Mapping[str, Figures], left_out: Mapping[str, str], *, quick: bool) -> Page:
    """found: figures by part; left_out: why a part has none."""
    sections = [make(found[part]) for part, make in SECTIONS.items() if part in found]
    rows = [ratio for section in sections for ratio in section.ratios]
    made = Page("")
    lines = [*_head(found, quick=quick), *_ratio_lines(rows, made)]
    if "growth" in found:
        lines += _growth_lines(found["growth"], made)
    for section in sections:
        lines += [f"## {section.title}", "", *section.lines, ""]
    if left_out:
        lines += ["## Left out", "", *(f"- {part}: {why}" for part, why in left_out.items()), ""]
    made.text = "\n".join(lines).rstrip() + "\n"
    return made


def _head(found: Mapping[str, Figures], *, quick: bool) -> Iterator[str]:
    machines = [one["machine"] for one in found.values()]
    loads = [one["load"] for one in machines]
    first, last = machines[0], machines[-1]
    yield "# Benchmarks"
    yield ""
    size = "Small sizes (`--quick`)" if quick else "Full sizes"
    yield (
        f"Written by `python bench/all.py`, not by hand. {size}, {first['at'][:16]} to {last['at'][11:16]} UTC, commit"
        f" `{first['commit']}`, version {first['version']}. {first['cores']} cores of {first['processor']},"
        f" kernel {first['kernel']}, Python {first['Python']}. The machine's load while it ran: {min(loads)} to {max(loads)}."
    )
    yield ""
    yield (
        "Read ratios, not rates: both sides of a ratio took turns on the same machine in the same minutes. "
        "A load above the number of cores means that others worked there too: then seconds by the clock say little, "
        "processor seconds are some tenths too long, and a ratio of rates can be off by a third."
    )
    if quick:
        yield (
            "Small sizes count a start-up (compiling the mail, first connections, child processes) as if it came again"
            " with every few thousand messages or pages; [the bars](bars.md) are of full sizes."
        )
    yield ""


def _ratio_lines(rows: Sequence[Ratio], made: Page) -> Iterator[str]:
    if not rows:
        return
    about = "; ".join(f"{row.name}: {plots.times(row.median)}" for row in rows)
    name = "How many times better"
    made.pictures["bench-ratios.svg"] = plots.ratios(name, about, rows)
    yield "## Beside others"
    yield ""
    yield "How many times better ours is: median, and the least and most of the turns. Above 1 we are ahead."
    yield ""
    yield "![How many times better ours is, each comparison a line](pictures/bench-ratios.svg)"
    yield ""
    yield "| what | times better | least to most |"
    yield "| --- | ---: | ---: |"
    for row in rows:
        spread = f"{row.least:.3g} to {row.most:.3g}" if row.least != row.most else ""
        yield f"| {row.name} | {plots.times(row.median)} | {spread} |"
    yield ""


# ---------------------------------------------------------------- growth


def _growth_lines(told: Figures, made: Page) -> Iterator[str]:
    yield "## Growth"
    yield ""
    yield (
        "The slope is the power of the size with which a cost grows, a line fitted through the logs of both, over all"
        " sizes and over the larger half of them: 1 is linear, below 1 a start-up still hides the rest."
    )
    yield ""
    if "stories" in told:
        yield from _stories(told, made)
    if "readers" in told:
        yield from _readers(told, made)


def _stories(told: Figures, made: Page) -> Iterator[str]:
    weeks, slopes = told["stories"], told["slopes"]
    stages = sorted(weeks[0]["stages"], key=lambda s: -weeks[-1]["stages"][s]["cpu_s"])
    lines = {"all of it": [(week["stories"], week["cpu_s"]) for week in weeks]}
    lines |= {
        stage: [(week["stories"], week["stages"][stage]["cpu_s"]) for week in weeks]
        for stage in stages[:6]
    }
    labels = {f"{name} ({slopes[name]['upper']:.2f})": points for name, points in lines.items()}
    last = weeks[-1]
    about = f"{last['stories']} stories take {last['cpu_s']:.1f} processor seconds; slope {slopes['all of it']['upper']:.2f}"
    name = "Processor seconds from the sources' answers to the stored draft, by stories"
    made.pictures["bench-stories.svg"] = plots.growth(
        name, about, labels, unit="stories in the week"
    )
    yield (
        f"**Stories**: from the sources' answers to the stored draft, with {told['asked']['weeks']} weeks of the same size"
        " before it. Processor seconds, the slope of the larger half behind each name; dashed: linear."
    )
    yield ""
    yield "![Processor seconds by stories, each stage a line](pictures/bench-stories.svg)"
    yield ""
    yield (
        "| stories | "
        + " | ".join(f"{week['stories']:,}" for week in weeks)
        + " | slope | larger half |"
    )
    yield "| --- |" + " ---: |" * (len(weeks) + 2)
    for stage in stages:
        cost = [f"{week['stages'][stage]['cpu_s']:.2f}" for week in weeks]
        yield _row(f"{stage}, CPU s", cost, slopes[stage])
    for title, key, form in (
        ("all of it", "cpu_s", ".2f"),
        ("by the clock", "seconds", ".2f"),
        ("most memory, MB", "peak_mb", ".0f"),
    ):
        shown = f"{title}, {'CPU s' if key == 'cpu_s' else 's'}" if key != "peak_mb" else title
        yield _row(f"**{shown}**", [f"{week[key]:{form}}" for week in weeks], slopes[title])
    yield ""


def _readers(told: Figures, made: Page) -> Iterator[str]:
    sends, imports, slopes = told["readers"], told["imports"], told["readers' slopes"]
    rows: dict[str, list[float]] = {
        "sending, CPU s": [one["cpu_s"] for one in sends],
        "sending, s": [one["send_s"] for one in sends],
        "freezing, s": [one["freeze_s"] for one in sends],
        "import, CPU s": [one["processor"] for one in imports],
        "sending, MB": [one["peak_mb"] for one in sends],
        "database, MB": [one["grown_mb"] for one in sends],
        "import, MB": [one["megabytes"] for one in imports],
    }
    sizes = [one["readers"] for one in sends]
    drawn = {
        f"{name} ({slopes[name]['upper']:.2f})": list(zip(sizes, rows[name], strict=True))
        for name in ("sending, CPU s", "freezing, s", "import, CPU s")
    }
    about = (
        f"{sizes[-1]:,} readers: {rows['sending, s'][-1]:.1f} s, {rows['sending, MB'][-1]:.0f} MB"
    )
    name = "Seconds by readers: sending, freezing, import"
    made.pictures["bench-readers.svg"] = plots.growth(name, about, drawn, unit="readers")
    yield "**Readers**: a send into a provider that accepts at once, with the ledger, on SQLite; and a file of as many taken over."
    yield ""
    yield "![Seconds by readers](pictures/bench-readers.svg)"
    yield ""
    yield "| readers | " + " | ".join(f"{size:,}" for size in sizes) + " | slope | larger half |"
    yield "| --- |" + " ---: |" * (len(sizes) + 2)
    for name, cost in rows.items():
        form = ".0f" if name.endswith("MB") and name != "database, MB" else ".2f"
        yield _row(name, [f"{one:{form}}" for one in cost], slopes[name])
    yield ""


def _row(name: str, cells: Sequence[str], slope: Figures) -> str:
    return f"| {name} | " + " | ".join(cells) + f" | {slope['slope']:.2f} | {slope['upper']:.2f} |"


# ---------------------------------------------------------------- the parts


def _delivery(told: Figures) -> Section:
    """Blocks of a server and a distance: each sender's rate and cost."""
    lines, ratios = [], []
    for block in told["blocks"]:
        if not block["runs"]:
            continue
        lines += [
            "",
            f"**{_server(block['block'])}**",
            "",
            "| sender | messages/s | CPU s/1000 | MB |",
        ]
        lines.append("| --- | ---: | ---: | ---: |")
        for name, runs in block["runs"].items():
            rate, cpu, peak = (
                statistics.median(run[key] for run in runs)
                for key in ("rate", "cpu_per_1000", "peak_mb")
            )
            lines.append(f"| {name} | {rate:,.0f} | {cpu:.3f} | {peak:.0f} |")
        ratios += _delivery_ratios(block)
    asked = told["asked"]
    about = (
        f"{asked['connections']} connections, mails of about {asked['size']:,} bytes, medians of {asked['runs']} turns. Ours keeps its ledger"
        " (`ours`), which the others have none of; `no-ledger` is ours without."
    )
    return Section("Delivery", (about, *lines), tuple(ratios))


def _server(block: str) -> str:
    server, _, delay = block.partition("@")
    names = {
        "fast": "a fast sink",
        "fast-data": "the fast sink without CHUNKING",
        "smtp-sink": "Postfix's smtp-sink",
    }
    return names.get(server, server) + (f", {delay} ms away" if delay != "0" else "")


def _delivery_ratios(block: Figures) -> Iterator[Ratio]:
    """Of the rate where the wire is long, of the processor's time where it is short."""
    where = _server(block["block"])
    far = not block["block"].endswith("@0")
    for name, values in block["ratios"].items():
        what, _, other = name.partition(", ours / ")
        if other in ("no-ledger", "(connections / round trip)") or not values:
            continue
        if what == "rate":
            yield _ratio(f"messages/s beside {other}, {where}", values)
        elif not far:
            yield _ratio(
                f"CPU a message beside {other}, {where}", [1 / one for one in values if one]
            )


def _ratio(name: str, values: Sequence[float]) -> Ratio:
    return Ratio(name, statistics.median(values), min(values), max(values))


def _building(told: Figures) -> Section:
    rate = told["per_second"]
    line = (
        f"A message of {told['bytes']:,} bytes, messages a second of one core: joined {rate['joined']:,.0f}, in pieces"
        f" {rate['pieces']:,.0f}, of 32 choices in turn {rate['chosen']:,.0f}; by EmailMessage {rate['EmailMessage']:,.0f}."
    )
    ratio = rate["joined"] / rate["EmailMessage"]
    return Section(
        "Building messages", (line,), (_ratio("messages built beside EmailMessage", [ratio]),)
    )


def _signing(told: Figures) -> Section:
    lines, ratios = [], []
    for kind, cost in told["kinds"].items():
        name = {"rsa": "RSA", "ed25519": "Ed25519"}[kind]
        lines.append(
            f"- {name}: {cost['ours_us']:.0f} µs a message, dkimpy {cost['dkimpy_us']:,.0f} µs"
        )
        ratios.append(
            _ratio(f"DKIM by {name} beside dkimpy", [cost["dkimpy_us"] / cost["ours_us"]])
        )
    return Section("Signing", tuple(lines), tuple(ratios))


def _providers(told: Figures) -> Section:
    cost = dict(told["us_a_reader"])
    plain = cost.pop("one POST a reader")
    lines = [
        "Processor time a reader, of our process alone.",
        "",
        "| provider | µs | a second a core |",
    ]
    lines += [
        "| --- | ---: | ---: |",
        f"| one POST a reader by httpx | {plain:.0f} | {1e6 / plain:,.0f} |",
    ]
    lines += [f"| {name} | {one:.1f} | {1e6 / one:,.0f} |" for name, one in cost.items()]
    ratios = [
        _ratio(f"HTTP by {name} beside one POST a reader", [plain / one])
        for name, one in cost.items()
    ]
    return Section("Providers by HTTP", tuple(lines), tuple(ratios))


def _engine(told: Figures) -> Section:
    ours, npm = told["ours_ms"], told["npm_ms"]
    middle = statistics.median(told["edition_ms"][1:])
    line = (
        f"A week of 60 stories: guard, check and engine {statistics.median(ours[1:]):.1f} ms (the first of a process"
        f" {ours[0]:.1f}), npm's mjml {statistics.median(npm[1:]):.0f} ms ({npm[0]:.0f}); the whole edition with its text part {middle:.0f} ms."
    )
    later = [theirs / one for one, theirs in zip(ours[1:], npm[1:], strict=True)]
    first = _ratio("the first MJML of a process beside npm's mjml", [npm[0] / ours[0]])
    return Section("The mail's engine", (line,), (first, _ratio("MJML beside npm's mjml", later)))


def _pages(told: Figures) -> Section:
    rate = told["per_second"]
    kind = "made-up pages" if told["made_up"] else "saved pages"
    line = (
        f"{told['pages']:,} {kind}: {rate['ours']:.0f} a second from bytes to the stored article, in child processes;"
        f" trafilatura alone, one process, nothing stored: {rate['trafilatura']:.0f}."
    )
    ratio = rate["ours"] / rate["trafilatura"]
    return Section(
        "Pages", (line,), (_ratio("pages stored a second beside trafilatura alone", [ratio]),)
    )


def _judgement(told: Figures) -> Section:
    speed = {name: rate for name, (_, rate) in told["told"].items()}
    lines = [
        "Articles summarised a second of one core; what a summary is worth: [bars](bars.md).",
        "",
    ]
    lines += ["| summariser | articles/s |", "| --- | ---: |"]
    lines += [f"| {name} | {rate:,.0f} |" for name, rate in speed.items()]
    peers = {name: rate for name, rate in speed.items() if not name.startswith(("ours", "lead-"))}
    ratios = [
        _ratio(f"summaries beside {name}", [speed["ours"] / rate]) for name, rate in peers.items()
    ]
    if not peers:
        lines += [
            "",
            "sumy and newspaper4k (the extra `judge`, and NLTK's data) were not installed: no peer took part.",
        ]
    return Section("Summaries", tuple(lines), tuple(ratios))


def _memory(told: Figures) -> Section:
    """From the growth's figures: what each part held at the most."""
    lines = ["| what | MB |", "| --- | ---: |"]
    if "stories" in told:
        last = told["stories"][-1]
        lines.append(
            f"| a draft of {last['stories']:,} stories, with its imports and eight weeks before it | {last['peak_mb']:.0f} |"
        )
    if "readers" in told:
        sent, taken = told["readers"][-1], told["imports"][-1]
        lines.append(f"| a send to {sent['readers']:,} readers | {sent['peak_mb']:.0f} |")
        lines.append(f"| an import of {taken['readers']:,} readers | {taken['megabytes']:.0f} |")
    return Section("Memory", tuple(lines))


SECTIONS = {
    "delivery": _delivery,
    "building": _building,
    "signing": _signing,
    "providers": _providers,
    "engine": _engine,
    "pages": _pages,
    "judgement": _judgement,
    "growth": _memory,
}
