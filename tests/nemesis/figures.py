"""How much to do, and what came of it.

The numbers in the tests are those of an ordinary run; `make soak` sets NEMESIS=soak for the long form. A number can be
set by hand: NEMESIS_ROUNDS (of every race), NEMESIS_KILLS (per store). Figures are JSON lines, on standard output and
in the file that NEMESIS_FIGURES names.
"""

import json
import os
import sys
from pathlib import Path

SOAK = os.environ.get("NEMESIS") == "soak"
FIGURES = os.environ.get("NEMESIS_FIGURES")


def number(ordinary: int, long: int, setting: str = "") -> int:
    """How often: the ordinary number, the one of the long form, or the one that was set by hand."""
    chosen = os.environ.get(f"NEMESIS_{setting}") if setting else None
    return int(chosen) if chosen else (long if SOAK else ordinary)


def note(contract: str, **figures: object) -> None:
    line = json.dumps({"contract": contract, **figures})
    sys.stdout.write(line + "\n")
    if FIGURES:
        with Path(FIGURES).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
