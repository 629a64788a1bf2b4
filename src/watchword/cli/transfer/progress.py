"""A progress bar on standard error, where a person is watching."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Advance = Callable[[int, int], None]
"""Is told how much of the whole is done, and how many rows that is."""


@contextmanager
def progress_bar(doing: str, *, total: int | None) -> Iterator[Advance]:
    """Show how far something has come, of a known total or of an unknown one; on a pipe, nothing."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _rows: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]} rows"))
    ending = (TaskProgressColumn(), TimeRemainingColumn()) if total else ()
    with Progress(*columns, *ending, console=console) as shown:
        task = shown.add_task(doing, total=total, rows=0)
        yield lambda done, rows: shown.update(task, completed=done, rows=rows)
