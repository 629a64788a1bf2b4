"""NOTIFY wakes whoever waits for the feed, in every process, and its loss harms nothing."""

import asyncio
import time
from datetime import timedelta

import pytest
from tests.contracts.records import some_revocation

from watchword.ports.outside import PollingSignal
from watchword.stores.open import open_stores

LONG = timedelta(seconds=20)
BACKENDS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = "


@pytest.fixture
async def pair(postgres_url):
    """Two processes' stores of one database: one waits, the other appends."""
    opened = open_stores(postgres_url), open_stores(postgres_url)
    yield opened
    for stores in opened:
        await stores.close()


async def listening(server, database: str) -> int:
    return int(await asyncio.to_thread(server.run, f"{LISTENING} '{database}'"))


async def seconds_of(waiting) -> float:
    begun = time.monotonic()
    await waiting
    return time.monotonic() - begun


async def first_wait(stores) -> None:
    """The first wait connects; it ends as soon as it listens, for what came before is to be read."""
    assert await seconds_of(stores.signal.wait(LONG)) < 5


async def test_who_waits_is_woken_by_an_append_of_another_process(pair):
    waiting, appending = pair
    await first_wait(waiting)
    for number in range(3):
        woken = asyncio.create_task(seconds_of(waiting.signal.wait(LONG)))
        await asyncio.sleep(0)
        await appending.revocations.append([some_revocation(f"s{number}")])
        assert await woken < 2


async def test_what_was_announced_between_two_waits_ends_the_second_at_once(pair):
    waiting, appending = pair
    await first_wait(waiting)
    await appending.revocations.append([some_revocation()])
    assert await seconds_of(waiting.signal.wait(LONG)) < 2
    assert await seconds_of(waiting.signal.wait(timedelta(milliseconds=50))) >= 0.05


async def test_nothing_is_announced_for_an_append_that_is_undone(pair):
    waiting, appending = pair
    await first_wait(waiting)
    with pytest.raises(ValueError, match="surrogates"):
        await appending.revocations.append([some_revocation("a"), some_revocation("\ud800")])
    assert await seconds_of(waiting.signal.wait(timedelta(milliseconds=200))) >= 0.2


async def test_a_lost_connection_is_made_again_in_the_background(pair, postgres_server, postgres_database):
    waiting, appending = pair
    await first_wait(waiting)
    await asyncio.to_thread(postgres_server.run, BACKENDS)
    assert await seconds_of(waiting.signal.wait(LONG)) < 5
    assert await listening(postgres_server, postgres_database) == 1
    await appending.revocations.append([some_revocation()])
    assert await seconds_of(waiting.signal.wait(LONG)) < 2


async def test_without_a_server_waiting_is_only_waiting(own_server, own_url):
    stores = open_stores(own_url)
    await asyncio.to_thread(own_server.stop)
    assert 0.3 <= await seconds_of(stores.signal.wait(timedelta(seconds=0.3))) < 1
    await asyncio.to_thread(own_server.start)
    assert await seconds_of(stores.signal.wait(LONG)) < 5
    await stores.close()


async def test_closing_frees_the_connection(pair, postgres_server, postgres_database):
    waiting, _ = pair
    await first_wait(waiting)
    assert await listening(postgres_server, postgres_database) == 1
    await waiting.signal.close()
    await waiting.signal.close()
    assert await listening(postgres_server, postgres_database) == 0


@pytest.mark.parametrize("option", ["push=false", "pgbouncer=true"])
async def test_where_nothing_can_be_pushed_processes_poll(postgres_url, option):
    stores = open_stores(f"{postgres_url}?{option}")
    assert isinstance(stores.signal, PollingSignal)
    await stores.revocations.append([some_revocation()])
    await stores.close()
