"""What runs in the processes of these tests. Each role gets its end of a pipe and says `ready` when it is."""

import asyncio
import os
import socket
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any

import alembic.command
import asyncpg
import pymongo
import redis.asyncio
from tests.nemesis import old_version
from tests.nemesis.contests import CONTESTS
from tests.nemesis.world import ERRANDS, open_node

import watchword.flows.housekeeping
import watchword.stores.memory
import watchword.stores.sql
from watchword.core.errors import WatchwordError
from watchword.flows.context import Context
from watchword.stores.open import open_stores

Role = Callable[..., Awaitable[None]]
LOADED = (alembic.command, asyncpg, pymongo, redis.asyncio, watchword.flows.housekeeping, watchword.stores.sql)
"""What is imported here, a process made by fork has at once."""


class Hearing:
    """The messages of a pipe, without a thread."""

    def __init__(self, pipe: Connection) -> None:
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._pipe = pipe
        asyncio.get_running_loop().add_reader(pipe.fileno(), self._read)

    def _read(self) -> None:
        try:
            self._queue.put_nowait(self._pipe.recv())
        except (EOFError, OSError):
            os._exit(0)  # whoever asked is gone

    @property
    def empty(self) -> bool:
        return self._queue.empty()

    async def next(self) -> Any:
        return await self._queue.get()


async def answer(pipe: Connection, url: str, *, follow: bool = False, **node: Any) -> None:
    """Run errands, all at once, until told `None`."""
    stores = open_stores(url)
    ctx = open_node(url, stores, **node)
    hearing = Hearing(pipe)
    await ctx.start(follow=follow)
    pipe.send("ready")
    tasks = set()
    while (message := await hearing.next()) is not None:
        task = asyncio.create_task(_run_errand(pipe, ctx, *message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    await ctx.close()
    await stores.close()
    pipe.send("gone")


async def _run_errand(pipe: Connection, ctx: Context, number: int, errand: str, arguments: dict[str, Any]) -> None:
    try:
        if errand == "all":
            found = await asyncio.gather(*(_outcome(ctx, *each) for each in arguments["errands"]))
            pipe.send((number, "", found))
        elif errand == "watch":
            await _watch(pipe, ctx, number, arguments["token"])
        else:
            pipe.send((number, "", await ERRANDS[errand](ctx, **arguments)))
    except WatchwordError as error:
        pipe.send((number, error.code, error.hint))


async def _outcome(ctx: Context, errand: str, arguments: dict[str, Any]) -> tuple[str, Any]:
    try:
        return "", await ERRANDS[errand](ctx, **arguments)
    except WatchwordError as error:
        return error.code, error.hint


async def _watch(pipe: Connection, ctx: Context, number: int, token: str) -> None:
    """Say that the token is good, and say at once when it is not any more."""
    await ERRANDS["who"](ctx, token)
    pipe.send((number, "", "good"))
    loop = asyncio.get_running_loop()
    while True:
        try:
            await ERRANDS["who"](ctx, token)
        except WatchwordError as error:
            pipe.send((number, error.code, time.monotonic()))
            return
        tick = loop.create_future()
        loop.call_later(0.01, tick.set_result, None)
        await tick


async def race(pipe: Connection, url: str, *, contest: str, rounds: int, callers: int, other: Connection) -> None:
    """Try the same thing in every round, many at once, in step with the other process."""
    stores, attempt = open_stores(url), CONTESTS[contest].attempt
    await stores.ping()
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    for number in range(rounds):
        other.send_bytes(b".")
        other.recv_bytes()
        outcomes = await asyncio.gather(*(attempt(stores, number, n) for n in range(callers)), return_exceptions=True)
        pipe.send(Counter(map(_name, outcomes)))
    await stores.close()


def _name(outcome: Any) -> str:
    return repr(outcome) + getattr(outcome, "hint", "") if isinstance(outcome, BaseException) else outcome.name


async def migrate(pipe: Connection, url: str) -> None:
    stores = open_stores(url)
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    await stores.migrate()
    await stores.check_schema()
    await stores.close()
    pipe.send("done")


async def make_first_schema(pipe: Connection, url: str) -> None:
    stores = open_stores(url)
    await old_version.make_first_schema(stores)
    await stores.close()
    pipe.send("ready")


async def use_as_before(pipe: Connection, url: str) -> None:
    """Do what the version of the first schema does, over and over, until told to stop; say how much that was."""
    stores, hearing, statements = open_stores(url), Hearing(pipe), 0
    pipe.send("ready")
    while hearing.empty:
        statements += await old_version.use(stores)
    await stores.close()
    pipe.send(statements)


ROLES: dict[str, Role] = {
    "answer": answer,
    "race": race,
    "migrate": migrate,
    "make first schema": make_first_schema,
    "use as before": use_as_before,
}


def play(role: str, pipe: Connection, url: str, options: dict[str, Any]) -> None:
    """Run a role to its end; what it raises goes through the pipe."""
    warnings.simplefilter("error")
    try:
        asyncio.run(ROLES[role](pipe, url, **options))
    except BaseException:  # noqa: BLE001  the process ends here
        pipe.send(("failed", traceback.format_exc()))
        sys.exit(1)


def serve_http(role: str, listener: socket.socket, url: str, options: dict[str, Any]) -> None:
    """Serve a node over HTTP until a signal comes, as `watchword serve` does."""
    from tests.nemesis.site import build_site

    from watchword.server.graceful import GracefulServer

    server = GracefulServer(build_site(role, url, **options), shutdown_delay=0, trusted_proxies=[])
    server.run(sockets=[listener])


def run_command(place: str, log: str, environment: dict[str, str], *arguments: str) -> None:
    """Be the command `watchword`, whose modules are loaded already; what it prints goes to the end of a file."""
    from watchword.cli.main import run

    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.chdir(place)
    os.environ.update(environment)
    sys.argv = ["watchword", *arguments]
    run()
