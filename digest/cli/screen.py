"""What a person sees while a command works and when it is done: bars, tables, one screen of result."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from digest.demo.run import DemoResult
    from digest.model import IssueContent


class _Rate(ProgressColumn):
    """How many a second, of late."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f}/s" if speed else "")


class Stages:
    """A progress bar a stage; call it as a `Progress`. Silent where output is no terminal but for one line each."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=self.console,
        )
        self._tasks: dict[str, Any] = {}
        self._told: set[str] = set()

    def __enter__(self) -> Stages:
        if self.console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.console.is_terminal:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.console.is_terminal:
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(stage, total=total)
            self._bars.update(self._tasks[stage], completed=done, total=total)
        elif done >= total and stage not in self._told:
            self._told.add(stage)
            self.console.print(f"{stage:<12} {done} of {total}")


def demo_result(result: DemoResult) -> None:
    """The demo's one screen: coverage, the top stories with their reasons, deliveries, paths."""
    console = Console()
    content = result.content
    console.print()
    console.print(Panel(_masthead(result), expand=False))
    console.print(coverage_line(content))
    console.print(_top_stories(content))
    console.print(_deliveries(result.deliveries, result.audience))
    if result.already:
        console.print("This issue was already sent: nothing was built and nothing was sent again.")
    for name, path in result.paths.items():
        console.print(Text(f"{name:>5}  {path}"), soft_wrap=True)


def _masthead(result: DemoResult) -> Text:
    content = result.content
    text = Text(result.name, style="bold")
    text.append(f"  {content.period}, number {content.number}\n", style="dim")
    text.append(content.subject + "\n")
    text.append(f"edition {result.checksum[:16]}  approved by {result.approved_by}", style="dim")
    return text


def coverage_line(content: IssueContent) -> str:
    """Where every article of the window ended, with the sum."""
    c = content.coverage
    verdict = "adds up" if c.adds_up else "DOES NOT ADD UP"
    return (
        f"Coverage: {c.total} articles = {c.lead} lead + {c.storyline_members} in storylines"
        f" + {c.section_items} in sections + {c.briefs} briefs + {c.left_out} left out ({verdict})"
    )


def _top_stories(content: IssueContent) -> Table:
    table = Table(title="Top stories, and why", title_justify="left", show_lines=False)
    table.add_column("score", justify="right")
    table.add_column("story")
    table.add_column("because")
    for story in sorted(content.stories, key=lambda story: -story.score)[:5]:
        parts = sorted(story.reasons, key=lambda reason: -abs(reason.points))
        best = [reason for reason in parts if abs(reason.points) >= 0.05][:3]
        why = "; ".join(f"{reason.text} ({reason.points:+.2f})" for reason in best)
        table.add_row(f"{story.score:.2f}", Text(story.title), Text(why))
    return table


def _deliveries(counts: Mapping[str, int], audience: int) -> Table:
    table = Table(title=f"Deliveries to {audience} readers", title_justify="left")
    for state in counts:
        table.add_column(state, justify="right")
    table.add_row(*(str(n) for n in counts.values()))
    return table
