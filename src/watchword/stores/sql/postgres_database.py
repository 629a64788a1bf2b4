"""Runs reads and write transactions on connections to PostgreSQL.

Each verb's function is plain code that runs in a greenlet, one hop for the whole of it: where it waits for the server,
the event loop goes on. Writers meet in the database, at READ COMMITTED: a verb is a conditional statement, which waits
for whoever holds its row and then looks at the condition again.

A caller may be cancelled at any await. What was begun is finished all the same, so a transaction is done or undone as a
whole. Nobody waits while the server has been silent for `SILENCE`, or longer than `PATIENCE`: then the caller is told
that the store is unavailable, and the connection is cut, so that nothing that was not committed by then ever is.
"""

import asyncio
import random
from asyncio import AbstractEventLoop
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Index, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.util import greenlet_spawn

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.database import ConstraintBroken, Database, Transaction
from watchword.stores.sql.postgres_engine import PATIENCE, postgres_engine
from watchword.stores.sql.postgres_errors import FOREIGN_KEY, ConnectionLost, RunAgain, translated
from watchword.stores.sql.postgres_job import Job
from watchword.stores.sql.postgres_schema import change_schema, make_index
from watchword.stores.sql.postgres_transaction import PostgresTransaction
from watchword.stores.sql.postgres_url import PostgresAddress

SILENCE = 0.75
"""Seconds in which a server that works answers somebody: whoever waits for a token gets it, or 503, within a second."""
MOMENT = 0.05
ATTEMPTS = 6
PAUSE = 0.01
"""Seconds, doubled with each attempt, of which a random part is waited."""
NOTIFY = text("SELECT pg_notify('watchword_feed', '')")

Answer = TypeVar("Answer")


class PostgresDatabase(Database):
    """A PostgreSQL database. Connections belong to an event loop, so each loop that comes has a pool of its own."""

    def __init__(self, address: PostgresAddress) -> None:
        self.address = address
        self._engines: WeakKeyDictionary[AbstractEventLoop, tuple[Engine, Engine]] = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard_at = 0.0
        self._closed = False

    async def look(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function that only reads."""
        return await self._run(self._engine(alone=True), work, only_reads=True)

    async def write_one(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function of which one statement at most writes."""
        return await self._run(self._engine(alone=True), work)

    async def write(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function in a write transaction: durable when this returns, undone when the function raises.

        It may run twice. Where the connection is lost while a commit is under way, `StoreUnavailable` says that
        nobody knows: verbs are conditional, so a caller may repeat theirs.
        """
        return await self._run(self._engine(alone=False), work)

    async def upgrade(self, work: Callable[[Connection], None]) -> None:
        """Run a function that changes the schema. Waits for other migrators, and gives way to traffic.

        Raises:
            ConfigError: the database cannot hold every text.
            StoreUnavailable: a lock that it needs was never free for long enough.
        """
        await change_schema(self._engine(alone=False), work)

    def make_index(self, connection: Connection, index: Index) -> None:
        """Make an index beside traffic, inside `upgrade`."""
        make_index(self.address, connection, index)

    def announce(self, transaction: Transaction) -> None:
        """Notify who listens, when and only if the transaction is committed."""
        if self.address.push:
            transaction.run(NOTIFY, {})

    async def close(self) -> None:
        """Let what is under way finish and free every connection. Whatever comes later raises `StoreUnavailable`."""
        self._closed = True
        if self._tasks:
            await asyncio.wait(self._tasks)
        for engine in self._engines.pop(asyncio.get_running_loop(), ())[:1]:
            await greenlet_spawn(engine.dispose)

    def _engine(self, *, alone: bool) -> Engine:
        """Return the engine of this event loop, in whose connections each statement stands `alone` or not."""
        if self._closed:
            raise StoreUnavailable(hint="the store is closed")
        loop = asyncio.get_running_loop()
        engines = self._engines.get(loop)
        if engines is None:
            engine = postgres_engine(self.address)
            event.listen(engine, "handle_error", self._spare_the_pool)
            event.listen(engine, "after_cursor_execute", self._hear)
            engines = (_isolated(engine, "READ COMMITTED"), _isolated(engine, "AUTOCOMMIT"))
            self._engines[loop] = engines
        return engines[alone and not self.address.pgbouncer]

    async def _run(self, engine: Engine, work: Callable[[Transaction], Answer], *, only_reads: bool = False) -> Answer:
        loop = asyncio.get_running_loop()
        job: Job[Answer] = Job(work, loop.create_future(), only_reads=only_reads)
        task = loop.create_task(self._attempt(engine, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await job.answer

    async def _attempt(self, engine: Engine, job: Job[Any]) -> None:
        """Run a job, again where the server undid it, and answer it whatever happens."""
        self._watch(job)
        try:
            job.answer_with(await self._until_done(engine, job))
        except BaseException as error:  # noqa: BLE001  the caller's to handle
            job.fail_with(error)
        finally:
            if job.watch is not None:
                job.watch.cancel()

    def _watch(self, job: Job[Any]) -> None:
        """Look at a job again and again, and give it up when its time is over."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        left = min(max(job.started_at, self._heard_at) + SILENCE, job.started_at + PATIENCE) - now
        if left <= 0 and job.doubted:
            job.give_up()
            return
        # An answer may be here that this process had no time to look at: it has a moment for that.
        job.doubted = left <= 0
        job.watch = loop.call_later(left if left > 0 else MOMENT, self._watch, job)

    async def _until_done(self, engine: Engine, job: Job[Answer]) -> Answer:
        for attempt in count():
            try:
                return await greenlet_spawn(_run_once, engine, job)
            except (RunAgain, ConnectionLost, ConstraintBroken) as error:
                if job.given_up or not _is_worth_another(error, attempt, job):
                    raise
            await asyncio.sleep(random.random() * PAUSE * 2**attempt)  # noqa: S311  so that two do not keep step
        raise AssertionError  # count() does not end

    def _spare_the_pool(self, context: ExceptionContext) -> None:
        """Where one connection is lost while others hear from the server, they are kept; else all are made anew."""
        silence = asyncio.get_running_loop().time() - self._heard_at
        context.invalidate_pool_on_disconnect = silence >= SILENCE

    def _hear(self, *_: object) -> None:
        self._heard_at = asyncio.get_running_loop().time()


def _isolated(engine: Engine, level: IsolationLevel) -> Engine:
    return engine.execution_options(isolation_level=level)


def _is_worth_another(error: Exception, attempt: int, job: Job[Any]) -> bool:
    """A foreign key breaks where a row went after it was read; if it breaks again, that was not why."""
    if isinstance(error, ConstraintBroken):
        return error.constraint == FOREIGN_KEY and attempt == 0
    return attempt < ATTEMPTS - 1 and (job.only_reads or isinstance(error, RunAgain))


def _run_once(engine: Engine, job: Job[Answer]) -> Answer:
    try:
        with translated(), engine.connect() as connection:
            job.hold(connection)
            answer = job.work(PostgresTransaction(connection))
            connection.commit()
            return answer
    finally:
        job.release()
