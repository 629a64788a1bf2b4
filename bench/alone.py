"""Work without a server, for comparison: `python -m bench.alone NAME SECONDS` prints a JSON list.

It holds the calls per second, or for `first_sight` the microseconds of both things that are compared. Settings come
from the environment, as those of the server do.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import CONNECTIONS

BATCH = 200


def first_sight(seconds: float) -> tuple[float, float]:
    """Verify access tokens from text to principal, without any cache, and check their signatures alone, in turns.

    Returns the microseconds of the one (strict parsing, signature, every claim) and of the other (by cryptography, with
    key, signature and message prepared).
    """
    from watchword.core.tokens.access_token import verify_access_token

    ring, rules, tokens, clock = asyncio.run(_verifier())
    now = clock.now()

    def find(kid: str | None, algorithm: str) -> object:
        key = ring.verification(kid, now)
        return key if key is not None and key.algorithm == algorithm else None

    turns, check = cycle(tokens), _raw_check(ring, tokens, now)

    def whole() -> object:
        return verify_access_token(next(turns), rules=rules, find_key=find, now=now)

    return _microseconds(whole, check, seconds)


def _raw_check(ring: object, tokens: list[str], now: datetime) -> Callable[[], object]:
    """Return a function that checks the signature of the next token, everything else prepared."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256
    from joserfc.util import urlsafe_b64decode

    head = json.loads(urlsafe_b64decode(tokens[0].split(".")[0].encode()))
    public = ring.verification(head["kid"], now).key.public_key
    prepared = []
    for token in tokens:
        signed, _, signature = token.rpartition(".")
        raw = urlsafe_b64decode(signature.encode())
        pair = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        prepared.append((encode_dss_signature(*pair), signed.encode()))
    turns, algorithm = cycle(prepared), ec.ECDSA(SHA256())
    return lambda: public.verify(*next(turns), algorithm)


async def _verifier() -> tuple:
    """Return the key ring, the rules, a thousand tokens and the clock of the configured database."""
    from watchword.flows.context import open_context
    from watchword.settings import Settings
    from watchword.stores.open import open_stores

    config = Settings.load().to_config()
    stores = open_stores(config.database_url)
    ctx = open_context(config, stores)
    await ctx.start(follow=False)
    database = Path(config.database_url.removeprefix("sqlite:///"))
    tokens = (database.parent / "tokens.txt").read_text(encoding="ascii").split()[:1000]
    await ctx.close()
    await stores.close()
    return ctx.keys.ring, ctx.rules, tokens, ctx.clock


def _microseconds(one: Callable[[], object], other: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Return the medians over batches of the time of a call of each, in turns, so that both see the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for call, taken in zip((one, other), times, strict=True):
            began = time.perf_counter()
            for _ in range(BATCH):
                call()
            taken.append((time.perf_counter() - began) / BATCH * 1e6)
    return median(times[0]), median(times[1])


def rotations(seconds: float) -> float:
    """Rotate a refresh family in the store again and again, each rotation committed to the disk before the next."""
    return asyncio.run(_rotations(seconds, at_once=1))


def rotations_together(seconds: float) -> float:
    """Rotate as many refresh families at once as a load has, so that those that wait together share a commit."""
    return asyncio.run(_rotations(seconds, at_once=CONNECTIONS))


async def _rotations(seconds: float, *, at_once: int) -> float:
    from watchword.settings import Settings
    from watchword.stores.open import open_stores

    config = Settings.load().to_config()
    stores = open_stores(config.database_url)
    rows = _families(config.database_url.removeprefix("sqlite:///"), at_once)
    done, until = 0, time.perf_counter() + seconds

    async def rotate(row: Any) -> None:
        nonlocal done
        generation = row.generation
        while time.perf_counter() < until:
            lasts = row.created_at + timedelta(days=14)
            await stores.families.rotate(
                row.user_id, row.id, generation=generation, scopes=row.scopes, idle_expires_at=lasts, now=row.created_at
            )
            generation += 1
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(rotate(row) for row in rows))
    rate = done / (time.perf_counter() - began)
    await stores.close()
    return rate


def _families(path: str, count: int) -> list[Any]:
    from sqlalchemy import create_engine, select

    from watchword.stores.sql import tables

    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        rows = list(connection.execute(select(tables.families).limit(count)))
    engine.dispose()
    return rows


def hashes(seconds: float) -> float:
    """Check argon2id hashes of the default cost in as many threads as there are cores for this process."""
    import os

    from argon2 import PasswordHasher, Type

    from watchword.config import PasswordConfig

    cost = PasswordConfig()
    hasher = PasswordHasher(cost.time_cost, cost.memory_kib, cost.parallelism, type=Type.ID)
    stored = hasher.hash("bench-password")
    threads = len(os.sched_getaffinity(0))
    until = time.perf_counter() + seconds

    def check() -> int:
        done = 0
        while time.perf_counter() < until:
            hasher.verify(stored, "bench-password")
            done += 1
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(lambda _: check(), range(threads)))
    return done / (time.perf_counter() - began)


SCRIPTS: dict[str, Callable[[float], float | tuple[float, float]]] = {
    "first_sight": first_sight,
    "rotations": rotations,
    "rotations_together": rotations_together,
    "hashes": hashes,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure work without a server.")
    parser.add_argument("name", choices=sorted(SCRIPTS))
    parser.add_argument("seconds", type=float)
    chosen = parser.parse_args()
    found = SCRIPTS[chosen.name](chosen.seconds)
    print(json.dumps(found if isinstance(found, tuple) else [found]))


if __name__ == "__main__":
    main()
