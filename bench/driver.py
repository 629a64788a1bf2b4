"""The benchmark's command: `python -m bench.driver`. `make bench` runs it whole, `make bench-quick` one short round."""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TextIO

from bench.case import Case
from bench.cases import CASES
from bench.declarations import peers
from bench.environments import make_environment, versions_of
from bench.fleet import BARE
from bench.growth import QUICK, WHOLE, run_growth
from bench.places import ENVIRONMENTS, LATEST, RESULTS, RUN, cores
from bench.profiles import profile
from bench.report import summary_of, table_of, versions_text, write_summary
from bench.rounds import Reading, run_rounds

NEEDED = ("wrk", "taskset", "prlimit")


def main() -> int:
    """Run what was asked for. Returns the exit code: 0 also where targets are missed, for machines differ."""
    chosen = arguments()
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        print(f"Needed and not found: {', '.join(missing)}.", file=sys.stderr)
        return 1
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir()
    cases = [case for case in CASES if re.search(chosen.only, case.name)]
    broken = make_environments(cases)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{stamp}.jsonl").open("w", encoding="utf-8") as raw:
        readings = run_rounds(cases, rounds=chosen.rounds, seconds=chosen.seconds, note=lambda r: note(raw, r))
        growth = run_growth(QUICK if chosen.quick else WHOLE, chosen.seconds, raw) if chosen.growth else None
        more = {"growth": growth, "profile": profile(chosen.seconds) if chosen.growth else None}
    finish(cases, readings, more, chosen, broken)
    return 0


def arguments() -> argparse.Namespace:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(description="Measure Watchword and the programs it is compared with.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long one load lasts (whole seconds)")
    parser.add_argument("--only", default=".", help="a regular expression of the names of cases")
    parser.add_argument("--quick", action="store_true", help="one round, and the small sizes of growth")
    parser.add_argument(
        "--no-growth", dest="growth", action="store_false", help="leave the growth of cost and the profiles out"
    )
    parser.add_argument("--keep", action="store_true", help="write results/latest.json, which the documentation shows")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds = 1
    if chosen.only != ".":
        chosen.growth = False
    return chosen


def make_environments(cases: Sequence[Case]) -> dict[str, str]:
    """Make the environments that the cases need; return why one could not be made, by name."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    broken = {}
    for name in sorted(environments_of(cases)):
        try:
            make_environment(name)
        except subprocess.CalledProcessError as error:
            broken[name] = str(error.stderr).strip()[-300:]
            print(f"{name} could not be installed: {broken[name]}", file=sys.stderr)
    return broken


def environments_of(cases: Sequence[Case]) -> set[str]:
    """Return the names of the environments that some cases need."""
    known = peers()
    programs = {side.program.name for case in cases for side in (case.subject, case.base) if side and side.program}
    return {known[name].environment if name in known else name.removeprefix(BARE) for name in programs}


def note(raw: TextIO, reading: Reading) -> None:
    """Keep a reading as a line of JSON, and show it."""
    raw.write(json.dumps({**asdict(reading), "value": reading.value}) + "\n")
    raw.flush()
    shown = reading.failed if reading.value is None else f"{reading.value:.3f}"
    print(f"round {reading.round}  {reading.case:<22} {shown}", flush=True)


def finish(
    cases: Sequence[Case],
    readings: Sequence[Reading],
    more: dict[str, Any],
    chosen: argparse.Namespace,
    broken: dict[str, str],
) -> None:
    """Print the table and write the summary."""
    versions = {
        name: versions_of(name) for name in sorted(environments_of(cases) | {"watchword"}) if name not in broken
    }
    settings = {
        "rounds": chosen.rounds,
        "seconds": chosen.seconds,
        "quick": chosen.quick,
        "cores_used": cores(),
        "versions": versions,
    }
    summary = {**summary_of(cases, readings, settings), **more}
    print("", table_of(summary), "", versions_text(versions), "", sep="\n")
    write_summary(summary, LATEST if chosen.keep else RESULTS / "last.json")


if __name__ == "__main__":
    sys.exit(main())
