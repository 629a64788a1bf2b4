"""Heads of requests are bounded in size and time by the standalone server."""

import asyncio
import re
import socket
from contextlib import suppress

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
    if scope["path"] == "/slow":
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.2)
    names = b" ".join(name for name, _ in scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(names))]})
    await send({"type": "http.response.body", "body": names})


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
    return re.findall(r"HTTP/1.1 (\d+)", await answers(port, *pieces)) or ["reset"]


async def answers(port, *pieces):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        received = await asyncio.wait_for(reader.read(), 30)
    except ConnectionError:
        return ""
    finally:
        writer.close()
    return received.decode()


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
    assert await statuses(port, before + sent) == (["200"] if before else ["reset"])


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
ONE_CHUNK = CHUNKED + b"1\r\nb\r\n0\r\n"


async def test_a_field_behind_the_body_is_no_field_of_the_head(port):
    answered = await answers(
        port, ONE_CHUNK + b"Authorization: Bearer not-a-token\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n"
    )
    assert answered.startswith("HTTP/1.1 200")
    assert answered.endswith("\r\nhost connection transfer-encoding")


async def test_many_small_chunks_are_a_body(port):
    chunks = b"1\r\nb\r\n" * bounded_headers.MAX_HEAD_BYTES
    assert await statuses(port, CHUNKED + chunks + b"0\r\n\r\n") == ["200"]


@pytest.mark.parametrize("piece", [b"X-Next: " + b"a" * 8000 + b"\r\n", b"a" * 8008])
async def test_fields_behind_a_body_without_end_are_refused(port, piece):
    endless = (piece for _ in range(8192))
    assert await statuses(port, ONE_CHUNK + b"X-Long: ", *endless) == ["reset"]


SLOW = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nb"


@pytest.mark.parametrize("sent", [SLOW, ONE_CHUNK + b"X-Next: a\r\n"])
async def test_a_client_that_never_ends_its_body_is_let_go(port, monkeypatch, sent):
    monkeypatch.setattr(bounded_headers, "BODY_SECONDS", 0.05)
    assert await statuses(port, sent) == ["reset"]


async def test_an_answer_that_takes_longer_than_a_body_may_is_given(port, monkeypatch):
    monkeypatch.setattr(bounded_headers, "BODY_SECONDS", 0.05)
    whole = SLOW.replace(b"POST /", b"POST /slow").replace(b"Host", b"Connection: close\r\nHost") + b"b"
    assert await statuses(port, whole) == ["200"]
