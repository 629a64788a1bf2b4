"""The result of a run as one document, and as a table that people read."""

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.case import Case
from bench.figures import Spread, is_reached, spread
from bench.rounds import Reading

HEAD = ("what", "median", "spread", "must reach", "beyond", "reached", "subject", "base")
PLACES = {"x": 2, "ms": 0, "MB": 0}


def summary_of(cases: Iterable[Case], readings: Sequence[Reading], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole run as a JSON object: the machine, the settings, a row for each case."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "cpu": cpu_name(), "system": platform.system().lower()},
        **settings,
        "rows": [row_of(case, [reading for reading in readings if reading.case == case.name]) for case in cases],
    }


def row_of(case: Case, readings: Sequence[Reading]) -> dict[str, Any]:
    """Return one case's row. Void readings are counted, and the reason of the last is kept."""
    values = [reading.value for reading in readings if reading.value is not None]
    found = spread(values) if values else None
    failures = [reading.failed for reading in readings if reading.failed]
    return {
        "name": case.name,
        "title": case.title,
        "unit": case.unit,
        "lower_is_better": case.lower_is_better,
        "target": case.target,
        "beyond": case.beyond,
        "value": _figures(found),
        "subject": _middle(reading.subject for reading in readings),
        "base": _middle(reading.base for reading in readings),
        "void": len(failures),
        "failed": failures[-1] if failures else "",
    }


def _figures(found: Spread | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"median": found.middle, "least": found.least, "most": found.most, "rounds": found.count}


def _middle(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return spread(there).middle if there else None


def cpu_name() -> str:
    """Return the model of the processor where the system says it, else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def table_of(summary: Mapping[str, Any]) -> str:
    """Return the rows as a Markdown table, each column as wide as it must be."""
    cells = [HEAD, *(cells_of(row) for row in summary["rows"])]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def cells_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a row's cells as text."""
    value = row["value"]
    if value is None:
        return (row["title"], "-", "-", *_targets(row), "no figure", row["failed"][:100].replace("|", "/"), "")
    middle = _text(value["median"], row["unit"])
    least, most = (_text(value[name], row["unit"], bare=True) for name in ("least", "most"))
    sides = [_rate(row[side]) for side in ("subject", "base")]
    return (row["title"], middle, f"{least} to {most}", *_targets(row), _verdict(row), *sides)


def _targets(row: Mapping[str, Any]) -> tuple[str, str]:
    one, other = ("" if row[name] is None else _text(row[name], row["unit"]) for name in ("target", "beyond"))
    return one, other


def _verdict(row: Mapping[str, Any]) -> str:
    if row["target"] is None:
        return ""
    for name, word in (("beyond", "beyond"), ("target", "yes")):
        wanted = row[name]
        if wanted is not None and is_reached(row["value"]["median"], wanted, lower_is_better=row["lower_is_better"]):
            return word
    return "NO"


def _text(value: float, unit: str, *, bare: bool = False) -> str:
    number = f"{value:,.{PLACES[unit]}f}"
    return number if bare or unit == "x" else f"{number} {unit}"


def _rate(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def versions_text(versions: Mapping[str, Mapping[str, str]]) -> str:
    """Return the versions of every environment, a line each."""
    lines = (f"{name}: " + ", ".join(f"{p} {v}" for p, v in found.items()) for name, found in versions.items())
    return "\n".join(lines)


def write_summary(summary: Mapping[str, Any], path: Path) -> None:
    """Write the document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
