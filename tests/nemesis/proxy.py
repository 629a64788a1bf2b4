"""A TCP proxy between a server and its database, or a client and its servers, that does what networks do.

It listens on the loopback and forwards to `host:port` or to a Unix socket. It runs in a thread of its own; every method
may be called from any other.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

CHUNK = 64 * 1024
Target = tuple[str, int] | str


@dataclass(eq=False)
class Link:
    """One connection: what came in, and what it was forwarded to."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    doomed: bool = False
    """Whether the next answer is not forwarded."""

    def reset(self) -> None:
        for writer in (self.client, self.server):
            if writer is not None:
                writer.transport.abort()


class Proxy:
    """Forwards connections until it is told otherwise. Use it as a context manager.

    Args:
        targets: where to; with several, connections go to them in turn.
    """

    def __init__(self, *targets: Target) -> None:
        self._targets = list(targets)
        self._turn = 0
        self._links: set[Link] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._refusing = False
        self._delay = 0.0
        self._bytes_left: int | None = None
        self._fatal: bytes | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.accepted = self.lost_answers = 0
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._call(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def pause(self) -> None:
        """Forward nothing more, in either direction, and keep every connection."""
        self._do(self._open.clear)

    def resume(self) -> None:
        self._do(self._open.set)

    def cut(self) -> None:
        """Reset every connection there is. New ones are welcome."""
        self._do(self._reset_all)

    def refuse(self, refusing: bool = True) -> None:
        """Take no new connections: each is reset at once."""
        self._set("_refusing", refusing)

    def delay(self, seconds: float) -> None:
        """Wait so long before each forwarding."""
        self._set("_delay", seconds)

    def cut_after(self, count: int) -> None:
        """Reset the connection on which, from now on, the so-manieth byte for the server was forwarded."""
        self._set("_bytes_left", count)

    def lose_the_answer_to(self, request: bytes) -> None:
        """Forward the next request that holds these bytes, and reset its connection in place of an answer."""
        self._set("_fatal", request)

    def send_to(self, *targets: Target) -> None:
        """Send new connections there; those there are stay."""
        self._set("_targets", list(targets))

    @property
    def connections(self) -> int:
        return len(self._links)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _close(self) -> None:
        self._server.close()
        self._reset_all()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _do(self, action: Callable[[], None]) -> None:
        async def act() -> None:
            action()

        self._call(act())

    def _set(self, name: str, value: object) -> None:
        self._do(lambda: setattr(self, name, value))

    def _reset_all(self) -> None:
        for link in list(self._links):
            link.reset()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = Link(writer)
        self._links.add(link)
        try:
            await self._forward_both(link, reader)
        except (OSError, asyncio.CancelledError):
            pass  # a connection that breaks is what this is about
        finally:
            link.reset()
            self._links.discard(link)

    async def _forward_both(self, link: Link, reader: asyncio.StreamReader) -> None:
        if self._refusing or not self._targets:
            return
        self._turn += 1
        target = self._targets[self._turn % len(self._targets)]
        answers, link.server = await (
            asyncio.open_unix_connection(target) if isinstance(target, str) else asyncio.open_connection(*target)
        )
        forth = asyncio.create_task(self._forward(link, reader, link.server, self._after_request))
        back = asyncio.create_task(self._forward(link, answers, link.client, self._before_answer))
        with suppress(OSError):
            await asyncio.gather(forth, back)

    async def _forward(
        self,
        link: Link,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        judge: Callable[[Link, bytes], bytes],
    ) -> None:
        """Forward one direction to its end. Who has gone while we were paused gets nothing forwarded any more."""
        while data := await reader.read(CHUNK):
            if self._delay:
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.get_running_loop().create_future(), self._delay)
            await self._open.wait()
            if link.client.transport.is_closing():
                return
            writer.write(judge(link, data))
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    def _after_request(self, link: Link, data: bytes) -> bytes:
        """Count what goes to the server; cut where it is time."""
        if self._bytes_left is not None:
            data, self._bytes_left = data[: self._bytes_left], self._bytes_left - len(data)
            if self._bytes_left <= 0:
                self._bytes_left = None
                asyncio.get_running_loop().call_soon(link.reset)
        if self._fatal is not None and self._fatal in data:
            link.doomed, self._fatal = True, None
        return data

    def _before_answer(self, link: Link, data: bytes) -> bytes:
        if not link.doomed:
            return data
        self.lost_answers += 1
        link.reset()
        return b""
