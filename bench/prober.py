"""An open-loop prober: `python -m bench.prober PORT PATH SECONDS` asks 100 times a second, whatever the answers do.

Each time is measured from when the request was due, so a server that stalls is charged for every request it delays.
Prints one JSON object with the milliseconds of every answer.
"""

import argparse
import asyncio
import json

RATE = 100
PATIENCE = 20.0
EXPECTED = b'{"hello":"world"}'
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Prober:
    """Sends GETs at fixed times over as many connections as are needed at once."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        self._idle: list[Connection] = []

    async def run(self, seconds: float) -> list[float]:
        """Return the milliseconds of each answer. Raises OSError or ValueError for a wrong answer."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        asking = []
        for number in range(int(seconds * RATE)):
            due = began + number / RATE
            await asyncio.sleep(max(0.0, due - loop.time()))
            asking.append(asyncio.create_task(self._ask(due)))
        times = await asyncio.wait_for(asyncio.gather(*asking), PATIENCE)
        for _, writer in self._idle:
            writer.close()
        return times

    async def _ask(self, due: float) -> float:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(self._request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(length_of(head))
        if not head.startswith(b"HTTP/1.1 200") or body != EXPECTED:
            raise ValueError(f"a wrong answer: {head[:40]!r} {body[:60]!r}")
        self._idle.append((reader, writer))
        return (asyncio.get_running_loop().time() - due) * 1000


def length_of(head: bytes) -> int:
    """Return the Content-Length of a response's head. Raises ValueError where there is none."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ValueError("an answer without Content-Length")


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask 100 times a second.")
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("seconds", type=float)
    chosen = parser.parse_args()
    print(json.dumps(asyncio.run(Prober(chosen.port, chosen.path).run(chosen.seconds))))


if __name__ == "__main__":
    main()
