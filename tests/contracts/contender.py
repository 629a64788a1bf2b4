"""A process of its own for the tests of races between processes: `python -m tests.contracts.contender ROLE URL ...`.

It prints `ready`, waits for a line on standard input, works, and prints what came of it as JSON lines.
"""

import asyncio
import json
import logging
import sys
from collections import Counter

from tests.contracts.records import DAY, NOW, some_revocation, some_user

from watchword.stores.open import open_stores

TASKS = 32


def say(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def started() -> None:
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)


async def rotate(stores, family_id: str, generation: int) -> str:
    outcome = await stores.families.rotate(
        "user-1", family_id, generation=generation, scopes=frozenset(), idle_expires_at=NOW + DAY, now=NOW
    )
    return outcome.name


async def race_rotations(stores, rounds: str) -> None:
    """Every task of every process tries each generation of one family in turn."""
    await started()
    for generation in range(1, int(rounds) + 1):
        attempts = (rotate(stores, "contended", generation) for _ in range(TASKS))
        say(Counter(await asyncio.gather(*attempts)))


async def race_sign_ups(stores, rounds: str) -> None:
    await started()
    for number in range(int(rounds)):
        spellings = (f"Name{number}", f"NAME{number}", f"name{number}")
        attempts = (stores.users.add(some_user(spellings[n % 3])) for n in range(50))
        say(Counter(outcome.name for outcome in await asyncio.gather(*attempts)))


async def append(stores, name: str, count: str) -> None:
    await started()
    for number in range(int(count)):
        await stores.revocations.append([some_revocation(f"{name}-{number}")])
    say("done")


async def rotate_for_ever(stores, generation: str) -> None:
    """Rotate the family `contended`, saying each generation only after it was acknowledged."""
    await started()
    number = int(generation)
    while True:
        outcome = await rotate(stores, "contended", number)
        number += 1
        say([outcome, number])


async def migrate(stores) -> None:
    await started()
    await stores.migrate()
    await stores.check_schema()
    say("done")


ROLES = {
    "rotations": race_rotations,
    "sign-ups": race_sign_ups,
    "append": append,
    "for-ever": rotate_for_ever,
    "migrate": migrate,
}


async def main(role: str, url: str, *arguments: str) -> None:
    stores = open_stores(url)
    try:
        if role != "migrate":
            await stores.ping()
        await ROLES[role](stores, *arguments)
    finally:
        await stores.close()


if __name__ == "__main__":
    logging.getLogger("watchword.stores.mongo").setLevel(logging.ERROR)  # the test server is a standalone one, we know
    asyncio.run(main(*sys.argv[1:]))
