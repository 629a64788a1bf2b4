"""How cost grows: with routes, with rows in SQLite, with workers, with revocations in the view."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

from bench.fleet import BARE, Program, filled_loads, start
from bench.load import VoidLoad, run_load
from bench.readings import warming_seconds
from bench.servers import ServerFailed

Point = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a run."""

    routes: tuple[int, ...]
    rows: tuple[int, ...]
    workers: tuple[int, ...]
    revocations: tuple[int, ...]


WHOLE = Sizes((1, 10, 100), (1_000, 10_000, 100_000, 1_000_000), (1, 2, 3, 4), (0, 1_000, 10_000, 100_000))
QUICK = Sizes((1, 100), (1_000, 10_000), (1, 2), (0, 10_000))


def run_growth(sizes: Sizes, seconds: float, raw: TextIO) -> dict[str, list[Point]]:
    """Measure every curve; each point is one JSON line too. A point that fails is left out and told in the lines."""
    curves: dict[str, tuple[tuple[int, ...], Callable[[int, float], Point]]] = {
        "routes": (sizes.routes, by_routes),
        "rows": (sizes.rows, by_rows),
        "workers": (sizes.workers, by_workers),
        "revocations": (sizes.revocations, by_revocations),
    }
    found: dict[str, list[Point]] = {}
    for name, (points, measure) in curves.items():
        found[name] = []
        for size in points:
            try:
                found[name].append({"size": size, **measure(size, seconds)})
                told: Any = found[name][-1]
            except (VoidLoad, ServerFailed, OSError) as error:
                told = {"size": size, "failed": str(error)}
            raw.write(json.dumps({"growth": name, **told}) + "\n")
            print(f"growth   {name:<22} {told}", flush=True)
    return found


def by_routes(size: int, seconds: float) -> Point:
    """Return the rate of a guarded route behind `size` others, of the same bare one, and the share."""
    return paired("protected", seconds, (("BENCH_ROUTES", str(size - 1)),))


def by_rows(size: int, seconds: float) -> Point:
    """Return the rates of the routes that read the database, with `size` users and `size` families."""
    filling = (("BENCH_FILL", f"--users {size} --families {size} --tokens {min(size, 10_000)}"),)
    refresh = rate(Program("watchword", filling), "refresh", seconds)
    return {**paired("user", seconds, filling), "refresh": refresh}


def by_workers(size: int, seconds: float) -> Point:
    """Return the rate of a guarded route by `size` workers on every core, which the load shares with them."""
    options = () if size == 1 else ("--workers", str(size))
    return paired("protected", seconds, core=None, options=options)


def by_revocations(size: int, seconds: float) -> Point:
    """Return the rate of a guarded route with `size` revocations in the view, and its share of the bare one."""
    return paired("protected", seconds, (("BENCH_FILL", f"--revocations {size}"),))


def paired(
    load: str,
    seconds: float,
    variables: tuple[tuple[str, str], ...] = (),
    *,
    core: int | None = -1,
    options: tuple[str, ...] = (),
) -> Point:
    """Return the rates of a guarded route and of the bare one right after it, and the share."""
    program, bare = Program("watchword", variables), Program(f"{BARE}watchword", variables)
    sent = filled_loads(program)[load]
    guarded = rate(program, load, seconds, core=core, options=options)
    with start(bare, core=core, options=options) as server:
        run_load(server.port, sent, seconds=1)
        unguarded = run_load(server.port, sent, seconds=seconds).rate
    return {"guarded": guarded, "bare": unguarded, "share": guarded / unguarded}


def rate(program: Program, load: str, seconds: float, *, core: int | None = -1, options: tuple[str, ...] = ()) -> float:
    """Return the answers per second of one load on a server of its own.

    Raises:
        VoidLoad, ServerFailed: there is no figure.
    """
    sent = filled_loads(program)[load]
    with start(program, core=core, options=options) as server:
        if sent.check != "rotate":
            run_load(server.port, sent, seconds=warming_seconds(sent))
        return run_load(server.port, sent, seconds=seconds).rate
