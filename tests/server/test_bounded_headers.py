"""Heads of requests are bounded in size and time by the standalone server."""

import asyncio
import re
import socket

import pytest

from watchword.server import bounded_headers
from watchword.server.graceful import GracefulServer


async def answer(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port():
    server = GracefulServer(answer, shutdown_delay=0, trusted_proxies=[])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server._serve([listener]))
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0)
        yield listener.getsockname()[1]
        server.should_exit = True
        await serving


async def statuses(port, *pieces):
    """Send pieces on one connection until it is closed; return the status of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        received = await asyncio.wait_for(reader.read(), 30)
    except ConnectionError:
        return ["reset"]
    finally:
        writer.close()
    return re.findall(r"HTTP/1.1 (\d+)", received.decode())


def head(size=0, *, close=True):
    closing = b"Connection: close\r\n" if close else b""
    return b"GET / HTTP/1.1\r\nHost: a\r\n" + closing + b"X-Long: " + b"a" * size + b"\r\n\r\n"


async def test_a_head_within_the_bound_is_answered_also_as_a_second_request_and_in_small_pieces(port):
    whole = head(48 * 1024)
    assert await statuses(port, whole) == ["200"]
    assert await statuses(port, head(48 * 1024, close=False), whole) == ["200", "200"]
    assert await statuses(port, *(whole[start : start + 1024] for start in range(0, len(whole), 1024))) == ["200"]


async def test_a_body_counts_as_no_head(port):
    length = 4 * bounded_headers.MAX_HEAD_BYTES
    start = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % length
    assert (await statuses(port, start + b"b" * length))[:1] == ["200"]


async def test_a_head_without_end_is_refused(port):
    endless = (b"a" * 65536 for _ in range(1024))
    answered = await statuses(port, b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", *endless)
    assert answered in (["431"], ["reset"])


PART = b"GET / HTTP/1.1\r\nHost:"


@pytest.mark.parametrize(("before", "sent"), [(b"", b""), (b"", PART), (head(close=False), PART)])
async def test_a_client_that_never_ends_its_head_is_let_go(port, monkeypatch, before, sent):
    monkeypatch.setattr(bounded_headers, "HEAD_SECONDS", 0.05)
    assert await statuses(port, before + sent) == ["200"] * bool(before)
