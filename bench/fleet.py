"""The servers of one round: each started when it is first asked for, all stopped at the end of the round."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.declarations import peers
from bench.environments import python_of
from bench.load import Load, load_of
from bench.places import BENCH, ENVIRONMENTS, PEERS, ROOT, RUN
from bench.servers import Server, ServerFailed, free_port, uvicorn

SECRET = "bench-secret-that-is-published-with-the-benchmark"
BARE = "bare:"


@dataclass(frozen=True, slots=True)
class Program:
    """Something to serve: a peer's name, `bare:` and an environment, or `watchword`; with its variables."""

    name: str
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """A name for a directory, of its own for each choice of variables."""
        words = [self.name.replace(":", "-"), *(f"{name}-{value}" for name, value in self.variables)]
        return "-".join(words).replace("/", "-")


@dataclass(slots=True)
class Fleet:
    """What runs in one round. Databases of Watchword are filled once per run and copied for each round."""

    stack: ExitStack = field(default_factory=ExitStack)
    servers: dict[Program, Server] = field(default_factory=dict)
    loads: dict[Program, dict[str, Load]] = field(default_factory=dict)

    def server(self, program: Program) -> Server:
        """Return the running server of a program."""
        if program not in self.servers:
            self.servers[program] = self.stack.enter_context(start(program))
        return self.servers[program]

    def load(self, program: Program, name: str) -> Load:
        """Return one of a program's loads. Raises ServerFailed where it has none of that name."""
        if program not in self.loads:
            self.loads[program] = loads_of(program, self.server(program))
        if name not in self.loads[program]:
            raise ServerFailed(f"{program.name} has no load {name!r}")
        return self.loads[program][name]

    def close(self) -> None:
        """Stop every server."""
        self.stack.close()
        self.servers.clear()
        self.loads.clear()


def loads_of(program: Program, server: Server) -> dict[str, Load]:
    """Return what may be sent to a program: Watchword's was written when its database was filled, peers tell theirs."""
    if program.name != "watchword":
        return {name: load_of(one, RUN) for name, one in server.ask_json("/bench/loads").items()}
    return filled_loads(program)


def filled_loads(program: Program) -> dict[str, Load]:
    """Return the loads that were written when Watchword's database was filled. No server is needed."""
    directory = filled(program)
    document: dict[str, Any] = json.loads((directory / "loads.json").read_text(encoding="utf-8"))
    return {name: load_of(one, directory) for name, one in document.items()}


def start(
    program: Program, *, core: int | None = -1, options: tuple[str, ...] = (), before: tuple[str, ...] = ()
) -> Server:
    """Start the server of a program in a directory of its own. Raises ServerFailed.

    Args:
        program: what to start.
        core: its core; None for any.
        options: of uvicorn.
        before: words before the command of Watchword's server, such as those of `prlimit`.
    """
    port = free_port()
    if program.name == "watchword":
        return _start_watchword(program, port, core, options, before)
    directory = _fresh(program)
    variables = dict(program.variables)
    if program.name.startswith(BARE):
        python = python_of(program.name.removeprefix(BARE))
        command = uvicorn(python, "watchword_bare:app", port, "--app-dir", str(BENCH), *options)
        return Server(command, port, directory=directory, environment=variables, core=core)
    peer = peers()[program.name]
    if peer.file.suffix == ".mjs":
        script = ENVIRONMENTS / peer.environment / peer.file.name
        shutil.copy(peer.file, script)  # beside node_modules, where its imports are looked for
        variables["NODE_ENV"] = "production"
        return Server(["node", str(script), str(port)], port, directory=directory, environment=variables, core=core)
    command = uvicorn(python_of(peer.environment), f"{peer.name}:app", port, "--app-dir", str(PEERS), *options)
    return Server(command, port, directory=directory, environment=variables, core=core)


def _start_watchword(
    program: Program, port: int, core: int | None, options: tuple[str, ...], before: tuple[str, ...]
) -> Server:
    source, directory = filled(program), _fresh(program)
    for file in source.glob("watchword.db*"):
        shutil.copy(file, directory)
    command = uvicorn(python_of("watchword"), "bench.watchword_app:app", port, "--app-dir", str(ROOT), *options)
    variables = variables_of(program, directory)
    return Server([*before, *command], port, directory=directory, environment=variables, core=core)


def variables_of(program: Program, directory: Path) -> dict[str, str]:
    """Return the settings of Watchword for a database in this directory."""
    return {
        "WATCHWORD_SECRET_KEY": SECRET,
        "WATCHWORD_DATABASE_URL": f"sqlite:///{directory}/watchword.db",
        "WATCHWORD_ACCESS_TTL": "3600",
        "WATCHWORD_RATE_LIMITS": "false",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        **dict(program.variables),
    }


def filled(program: Program) -> Path:
    """Return the directory of a filled database, made once per run. `BENCH_FILL` holds options of the filling."""
    directory = RUN / "filled" / program.key
    if not (directory / "loads.json").exists():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        chosen = dict(program.variables).get("BENCH_FILL", "").split()
        command = [sys.executable, "-m", "bench.watchword_data", str(directory), *chosen]
        variables = {"PATH": "/usr/bin:/bin", **variables_of(program, directory)}
        done = subprocess.run(command, cwd=directory, env=variables, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerFailed(f"its database was not filled: {done.stderr.strip()[-300:]}")
    return directory


def _fresh(program: Program) -> Path:
    directory = RUN / "served" / program.key
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory
