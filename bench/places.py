"""Where things lie, and which core does what."""

import os
from pathlib import Path

BENCH = Path(__file__).parent
ROOT = BENCH.parent
PEERS = BENCH / "peers"
ENVIRONMENTS = BENCH / ".envs"
RUN = BENCH / ".run"
RESULTS = BENCH / "results"
LATEST = RESULTS / "latest.json"


def cores() -> tuple[int, int]:
    """Return the core of the server and that of the load. They are one and the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def pinned(core: int, *command: str) -> list[str]:
    """Return the command, kept on one core."""
    return ["taskset", "-c", str(core), *command]
