"""Where the time of one request goes: a sampling profiler looks at the server while it is under load."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.case import WATCHWORD
from bench.environments import make_environment, python_of
from bench.fleet import Program, filled_loads, start
from bench.load import Load, VoidLoad, run_load
from bench.places import RUN
from bench.readings import warming_seconds
from bench.servers import Server, ServerFailed

PROFILER = "profiler"
SAMPLES_PER_SECOND = 400
PROFILED = {
    "bare route": (Program("bare:watchword"), "protected"),
    "requires(scopes=...)": (WATCHWORD, "protected"),
    "CurrentUser": (WATCHWORD, "user"),
    "client credentials": (WATCHWORD, "token"),
    "refresh": (WATCHWORD, "refresh"),
}
"""What is profiled: the program, and which of Watchword's loads it gets."""
PARTS = (
    ("signatures and hashes", r"joserfc|cryptography|argon2|hmac\.py|core/tokens/sign"),
    ("Watchword", r"watchword/"),
    ("FastAPI and Starlette", r"fastapi/|starlette/|pydantic|json/|anyio/|contextlib|email/"),
    ("database", r"sqlalchemy|aiosqlite|sqlite3|greenlet"),
    ("server and event loop", r"uvicorn|uvloop|httptools|asyncio|selectors|threading|concurrent|queue"),
)
REST = "everything else"
MOST_FUNCTIONS = 8
FRAME = re.compile(r"^(?P<function>.+) \((?P<file>[^()]*?)(?::\d+)?\)$")


def profile(seconds: float) -> dict[str, Any]:
    """Return for each load the share of each part, and the functions of Watchword that take most."""
    make_environment(PROFILER)
    found = {}
    for name, (program, load) in PROFILED.items():
        loads = filled_loads(WATCHWORD)
        if load not in loads:
            continue
        try:
            with start(program) as server:
                found[name] = summary(_sample(server, loads[load], seconds))
        except (VoidLoad, ServerFailed, OSError, subprocess.SubprocessError) as error:
            print(f"profile  {name:<22} {error}")
    return found


def _sample(server: Server, load: Load, seconds: float) -> list[str]:
    if load.check != "rotate":
        run_load(server.port, load, seconds=warming_seconds(load))
    output = RUN / f"profile-{server.port}.txt"
    recorder = subprocess.Popen(
        [
            *(str(python_of(PROFILER).with_name("py-spy")), "record", "--nonblocking", "--format", "raw"),
            *("--rate", str(SAMPLES_PER_SECOND), "--duration", str(max(1, round(seconds)))),
            *("--output", str(output), "--pid", str(server.process.pid)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    run_load(server.port, load, seconds=seconds + 1)
    recorder.wait(30)
    return Path(output).read_text(encoding="utf-8").splitlines()


def summary(stacks: Iterable[str]) -> dict[str, Any]:
    """Return the shares of a profile in collapsed stacks: `outer (file:1);inner (file:2) COUNT` on each line.

    A sample belongs to the part of its innermost frame whose file names one; built-in work belongs to its caller.
    """
    parts: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        parts[part_of(frames)] += int(count)
        functions.update(dict.fromkeys(_ours(frames), int(count)))
    total = sum(parts.values()) or 1
    names = [name for name, _ in PARTS] + [REST]
    return {
        "parts": {name: parts[name] / total for name in names if parts[name]},
        "functions": [[name, count / total] for name, count in functions.most_common(MOST_FUNCTIONS)],
    }


def part_of(frames: Iterable[str]) -> str:
    """Return the part that a stack's time belongs to: that of the innermost frame that is of any part."""
    for frame in reversed(list(frames)):
        found = FRAME.match(frame)
        for name, files in PARTS:
            if found and re.search(files, found["file"]):
                return name
    return REST


def _ours(frames: Iterable[str]) -> set[str]:
    """Return the functions of Watchword in a stack, each once: their time counts what they call."""
    found = (FRAME.match(frame) for frame in frames)
    ours = (match for match in found if match and "watchword/" in match["file"] and "bench/" not in match["file"])
    return {f"{match['function']} ({match['file'].rpartition('watchword/')[2]})" for match in ours}
