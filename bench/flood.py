"""256 logins at once: `python -m bench.flood PORT`. Requests come as a JSON list; prints what came back."""

import asyncio
import json
import sys
import time
from typing import Any

AT_ONCE = 256
PATIENCE = 60.0


async def one(port: int, request: bytes) -> dict[str, Any]:
    """Send one request over a connection of its own. Returns status, milliseconds and whether Retry-After was there."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    took = (time.perf_counter() - began) * 1000
    writer.close()
    return {"status": int(head.split(b" ", 2)[1]), "ms": took, "retry_after": b"\r\nretry-after:" in head.lower()}


async def flood(port: int, requests: list[bytes]) -> list[dict[str, Any]]:
    """Send all of `AT_ONCE` at once."""
    sent = (one(port, requests[number % len(requests)]) for number in range(AT_ONCE))
    return await asyncio.wait_for(asyncio.gather(*sent), PATIENCE)


def main() -> None:
    requests = [text.encode() for text in json.load(sys.stdin)]
    print(json.dumps(asyncio.run(flood(int(sys.argv[1]), requests))))


if __name__ == "__main__":
    main()
