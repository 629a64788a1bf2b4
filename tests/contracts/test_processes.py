"""Several processes over one database: no double, no lost entry, no lock error, no damage."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.contracts.contender import TASKS
from tests.contracts.records import NOW, some_family

from watchword.stores.open import open_stores

ROOT = Path(__file__).parents[2]
PROCESSES = 2
FAMILY = some_family(id="contended")


@asynccontextmanager
async def contender(*arguments):
    """A process that is ready to go; killed at the end if it is still there."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "tests.contracts.contender", *map(str, arguments),
        stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=ROOT,
    )  # fmt: skip
    try:
        assert await process.stdout.readline() == b'"ready"\n', (await process.stderr.read()).decode()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def go(process) -> None:
    process.stdin.write(b"go\n")


async def said(process) -> list:
    out, errors = await process.communicate()
    assert (process.returncode, errors.decode()) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


async def all_said(*argument_lists) -> list[list]:
    async with contender(*argument_lists[0]) as first, contender(*argument_lists[1]) as second:
        go(first)
        go(second)
        return list(await asyncio.gather(said(first), said(second)))


async def test_a_rotation_has_exactly_one_winner_among_processes(shared_stores, shared_url):
    await shared_stores.families.add(FAMILY)
    rounds = 100
    counts = await all_said(*[("rotations", shared_url, rounds)] * PROCESSES)
    per_round = [Counter(first) + Counter(second) for first, second in zip(*counts, strict=True)]
    assert per_round == [{"ROTATED": 1, "STALE": PROCESSES * TASKS - 1}] * rounds
    assert (await shared_stores.families.find(FAMILY.user_id, FAMILY.id)).generation == rounds + 1


async def test_a_username_has_exactly_one_winner_among_processes(shared_stores, shared_url):
    rounds = 5
    counts = await all_said(*[("sign-ups", shared_url, rounds)] * PROCESSES)
    per_round = [Counter(first) + Counter(second) for first, second in zip(*counts, strict=True)]
    assert per_round == [{"ADDED": 1, "USERNAME_TAKEN": 99}] * rounds
    assert len(await shared_stores.users.list(limit=100)) == rounds


async def test_a_reader_that_follows_the_feed_misses_nothing(shared_stores, shared_url):
    count, seen = 150, set()

    async def follow() -> None:
        entries = await shared_stores.revocations.read(after=max(seen, default=(0,))[0] - 20, limit=50, now=NOW)
        seen.update((entry.sequence, entry.revocation.subject) for entry in entries)

    arguments = [("append", shared_url, name, count) for name in ("a", "b")]
    async with contender(*arguments[0]) as first, contender(*arguments[1]) as second:
        go(first)
        go(second)
        writers = asyncio.gather(said(first), said(second))
        while not writers.done():
            await follow()
            await asyncio.sleep(0)
        assert await writers == [["done"], ["done"]]
    size = -1
    while size != len(seen):
        size = len(seen)
        await follow()
    assert {subject for _, subject in seen} == {f"{name}-{n}" for name in "ab" for n in range(count)}


async def killed_after(url: str, generation: int, acknowledgements: int) -> int:
    """Kill a writer after so many acknowledgements, at no chosen point of the next; return the last acknowledged."""
    async with contender("for-ever", url, generation) as process:
        go(process)
        for _ in range(acknowledgements):
            outcome, generation = json.loads(await process.stdout.readline())
            assert outcome == "ROTATED"
        await asyncio.sleep(random.random() / 500)
        process.send_signal(signal.SIGKILL)
        for line in (await process.stdout.read()).splitlines(keepends=True):
            if line.endswith(b"\n"):
                outcome, generation = json.loads(line)
    return generation


async def test_a_killed_writer_loses_no_acknowledged_rotation_and_damages_nothing(sqlite_url):
    stores = open_stores(sqlite_url)
    await stores.migrate()
    await stores.families.add(FAMILY)
    await stores.close()
    generation = 1
    for round_number in range(20):
        acknowledged = await killed_after(sqlite_url, generation, 1 + round_number % 4)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            generation = connection.execute("SELECT generation FROM watchword_refresh_families").fetchone()[0]
        assert acknowledged <= generation <= acknowledged + 1


async def test_two_migrators_at_once_both_succeed(shared_url):
    assert await all_said(*[("migrate", shared_url)] * PROCESSES) == [["done"], ["done"]]
