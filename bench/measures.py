"""How each kind of case is measured. Every measure returns the subject's figure and, for a ratio, the base's."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import median

from bench.case import Case, Side
from bench.figures import percentile
from bench.fleet import Fleet, loads_of, start
from bench.flood import AT_ONCE
from bench.load import VoidLoad, run_load
from bench.places import ROOT, cores, pinned
from bench.readings import read_side, run_alone, taken_apart
from bench.servers import Server

Figures = tuple[float, float | None]
Measure = Callable[[Fleet, Case, float, bool], Figures]

IMPORTS = 9
GIB = 2**30
PROBE_SECONDS = 4.0
CLIENTS = 16
"""How many log in at once beside a probe."""


def ratio(fleet: Fleet, case: Case, seconds: float, base_first: bool) -> Figures:
    """Read both sides, one right after the other."""
    order = (case.base, case.subject) if base_first else (case.subject, case.base)
    found = {id(side): _read(fleet, case, side, seconds) for side in order}
    return found[id(case.subject)], found[id(case.base)]


def in_turns(_fleet: Fleet, case: Case, seconds: float, _base_first: bool) -> Figures:
    """Return both figures of a script that measures two things in turns, in one process."""
    subject, base = run_alone(case.subject.alone, seconds)
    return subject, base


def _read(fleet: Fleet, case: Case, side: Side, seconds: float) -> float:
    return read_side(fleet, side, case.subject if side is case.base else case.base, seconds=seconds)


def probe(fleet: Fleet, case: Case, _seconds: float, _base_first: bool) -> Figures:
    """Return the p99 (ms) of an unrelated GET while 16 clients log in without pause, and while nobody does."""
    program = case.subject.program
    server = fleet.server(program)
    load = replace(fleet.load(program, case.subject.load), connections=CLIENTS)
    quiet = percentile(_probe(server), 99)
    logins = threading.Thread(target=_quietly, args=(server.port, load))
    logins.start()
    try:
        loaded = percentile(_probe(server), 99)
    finally:
        logins.join()
    return loaded, quiet


def _quietly(port: int, load: object) -> None:
    """Log in; where logins starve one another the slow ones fail, and the probe tells the rest."""
    try:
        run_load(port, load, seconds=PROBE_SECONDS + 1)
    except VoidLoad as void:
        print(f"  (logins during a probe: {void})", file=sys.stderr)


def _probe(server: Server) -> list[float]:
    command = pinned(
        cores()[1], sys.executable, "-m", "bench.prober", str(server.port), "/unrelated", str(PROBE_SECONDS)
    )
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    if done.returncode:
        raise VoidLoad(f"the probe failed: {done.stderr.strip()[-200:]}")
    times: list[float] = json.loads(done.stdout)
    return times


def idle_memory(_fleet: Fleet, case: Case, _seconds: float, _base_first: bool) -> Figures:
    """Return the resident MB of a server that has just started."""
    with start(case.subject.program) as server:
        return server.resident_mb(), None


def cached_memory(_fleet: Fleet, case: Case, _seconds: float, _base_first: bool) -> Figures:
    """Return how many MB more are resident once every token was seen, beyond those after a thousand requests."""
    program = case.subject.program
    with start(program) as server:
        load = loads_of(program, server)[case.subject.load]
        _send_repeatedly(server, load.requests[0])
        before = server.resident_mb()
        run_load(server.port, load, seconds=max(5.0, len(load.requests) / 2500))
        return server.resident_mb() - before, None


def _send_repeatedly(server: Server, request: bytes) -> None:
    method, path, headers, _ = taken_apart(request)
    for _ in range(1000):
        server.ask(method, path, headers=headers)


def flood_memory(_fleet: Fleet, case: Case, _seconds: float, _base_first: bool) -> Figures:
    """Return the peak resident MB during 256 logins at once, under a limit of 1 GiB."""
    return _flood(case)[0], None


def flood_refusal(_fleet: Fleet, case: Case, _seconds: float, _base_first: bool) -> Figures:
    """Return how many ms the slowest refusal among 256 logins at once took."""
    return _flood(case)[1], None


def _flood(case: Case) -> tuple[float, float]:
    """Return the peak memory in MB and the slowest refusal in ms. Raises VoidLoad, as `slowest_refusal` does."""
    with start(case.subject.program, before=("prlimit", f"--data={GIB}")) as server:
        load = loads_of(case.subject.program, server)[case.subject.load]
        sent = json.dumps([request.decode() for request in load.requests])
        command = pinned(cores()[1], sys.executable, "-m", "bench.flood", str(server.port))
        done = subprocess.run(command, input=sent, capture_output=True, text=True, cwd=ROOT, timeout=90, check=True)
        return server.resident_mb(peak=True), slowest_refusal(json.loads(done.stdout))


def slowest_refusal(answers: list[dict[str, float | bool]]) -> float:
    """Return how many ms the slowest refusal took, 0 where nothing was refused.

    Raises:
        VoidLoad: an answer was neither 200 nor a 503 with Retry-After, or nobody was let in.
    """
    refused = [answer for answer in answers if answer["status"] == 503]
    strange = [answer for answer in answers if answer["status"] not in {200, 503}]
    if len(answers) != AT_ONCE or strange or len(refused) == len(answers):
        raise VoidLoad(f"{len(answers)} answers, {len(refused)} refused, others: {strange[:3]}")
    if not all(answer["retry_after"] for answer in refused):
        raise VoidLoad("a refusal had no Retry-After")
    return max((float(answer["ms"]) for answer in refused), default=0.0)


def import_time(_fleet: Fleet, case: Case, _seconds: float, _base_first: bool) -> Figures:
    """Return the milliseconds that a statement takes after `import fastapi`, the median of nine processes."""
    statement = case.subject.alone
    program = f"import fastapi, time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
    command = pinned(cores()[0], sys.executable, "-c", program)
    times = [float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(IMPORTS)]
    return median(times) * 1000, None


MEASURES: Mapping[str, Measure] = {
    "ratio": ratio,
    "in_turns": in_turns,
    "probe": probe,
    "idle_memory": idle_memory,
    "cached_memory": cached_memory,
    "flood_memory": flood_memory,
    "flood_refusal": flood_refusal,
    "import": import_time,
}
