"""Rounds: in each, every case once, its two sides one right after the other, by processes that are new in the round."""

import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

from bench.case import Case
from bench.figures import Pair
from bench.fleet import Fleet
from bench.load import VoidLoad
from bench.measures import MEASURES
from bench.places import ROOT
from bench.servers import ServerFailed

FAILURES = (VoidLoad, ServerFailed, OSError, subprocess.SubprocessError)
"""What makes one reading void without ending the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One pair of one round, or why there is none."""

    case: str
    round: int
    subject: float | None = None
    base: float | None = None
    failed: str = ""

    @property
    def value(self) -> float | None:
        """The ratio, or the subject's own figure where there is no base; None where the reading is void."""
        if self.subject is None or self.base is None:
            return self.subject
        return Pair(self.subject, self.base).ratio


def run_rounds(cases: Iterable[Case], *, rounds: int, seconds: float, note: Callable[[Reading], None]) -> list[Reading]:
    """Run the rounds and return every reading; each is passed to `note` as soon as it is there.

    The side that comes first changes from round to round, so that neither always finds the warmer machine.
    """
    readings = []
    chosen = list(cases)
    for number in range(1, rounds + 1):
        fleet = Fleet()
        try:
            for case in chosen:
                if case.once and number > 1:
                    continue
                readings.append(read_case(fleet, case, number, seconds))
                note(readings[-1])
        finally:
            fleet.close()
    return readings


def read_case(fleet: Fleet, case: Case, number: int, seconds: float) -> Reading:
    """Take one reading of a case."""
    try:
        subject, base = MEASURES[case.kind](fleet, case, seconds * case.longer, bool(number % 2))
    except FAILURES as error:
        return Reading(case=case.name, round=number, failed=_reason(error))
    return Reading(case=case.name, round=number, subject=subject, base=base)


def _reason(error: Exception) -> str:
    """Say why in one line, without the places of this machine: the reason may be published."""
    if isinstance(error, subprocess.CalledProcessError):
        told = f"{error.cmd[-1]} ended with {error.returncode}: {str(error.stderr or '').strip()[-200:]}"
    else:
        told = str(error) or type(error).__name__
    for place in (ROOT, gettempdir(), Path.home()):
        told = told.replace(str(place), ".")
    return " ".join(told.split())
