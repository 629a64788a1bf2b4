"""What commands print: tables for people, JSON for machines."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")]
Row = Mapping[str, Any]
PIPE_WIDTH = 240


def show(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows: a JSON array with every member, or a table of the named columns."""
    if as_json:
        _print_json(list(rows))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_plain(row[column])) for column in columns))
    console().print(table)


def show_one(row: Row, *, as_json: bool) -> None:
    """Print one record: a JSON object, or a line for each member."""
    if as_json:
        _print_json(row)
        return
    for name, value in row.items():
        say(f"{name.replace('_', ' ')}: {_plain(value)}")


def say(sentence: str) -> None:
    """Print a sentence to standard output."""
    typer.echo(sentence)


def console() -> Console:
    """Return a console on the standard output of now; a pipe is wide enough for any id."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


@contextmanager
def working(doing: str) -> Iterator[None]:
    """Show that something takes a while, where a person is watching."""
    watcher = Console(stderr=True)
    if not watcher.is_terminal:
        yield
        return
    with watcher.status(doing):
        yield


def printable(text: str) -> str:
    """Return the text with control characters made visible, so that no stored name can drive a terminal."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def timestamp(at: datetime | None) -> str | None:
    """Return RFC 3339 UTC with milliseconds, or None."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _print_json(value: Any) -> None:  # noqa: ANN401
    typer.echo(json.dumps(value, ensure_ascii=True, indent=2, default=str))


def _plain(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return printable(" ".join(str(item) for item in value)) or "-"
    return printable(str(value))
