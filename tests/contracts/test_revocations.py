"""The feed of revocations."""

from dataclasses import replace

import pytest
from tests.contracts.records import DAY, MILLISECOND, NOW, some_revocation

from watchword.core.models.sessions import RevocationKind


async def read(stores, after=0, limit=100, now=NOW):
    return await stores.revocations.read(after=after, limit=limit, now=now)


async def test_entries_come_back_in_order(stores):
    entries = [some_revocation(kind.value, kind=kind) for kind in RevocationKind]
    await stores.revocations.append(entries[:2])
    await stores.revocations.append([])
    await stores.revocations.append(entries[2:])
    found = await read(stores)
    assert [entry.revocation for entry in found] == entries
    assert [entry.sequence for entry in found] == sorted({entry.sequence for entry in found})


async def test_a_reader_goes_on_where_it_stopped(stores):
    await stores.revocations.append([some_revocation(f"s{n}") for n in range(5)])
    first = await read(stores, limit=2)
    rest = await read(stores, after=first[-1].sequence)
    assert [entry.revocation.subject for entry in (*first, *rest)] == ["s0", "s1", "s2", "s3", "s4"]
    assert await read(stores, after=rest[-1].sequence) == []


async def test_append_stores_all_or_none(stores):
    bad = some_revocation("\ud800")
    with pytest.raises(UnicodeEncodeError):
        await stores.revocations.append([some_revocation("good"), bad])
    assert await read(stores) == []


async def test_the_same_entry_may_be_appended_again(stores):
    await stores.revocations.append([some_revocation(), some_revocation()])
    assert len(await read(stores)) == 2


async def test_an_expired_entry_is_not_read(stores):
    await stores.revocations.append([some_revocation()])
    assert len(await read(stores, now=NOW + DAY - MILLISECOND)) == 1
    assert await read(stores, now=NOW + DAY) == []


async def test_purge_deletes_expired_entries_up_to_the_limit(stores):
    alive = replace(some_revocation("alive"), expires_at=NOW + DAY + MILLISECOND)
    await stores.revocations.append([*(some_revocation(f"s{n}") for n in range(3)), alive])
    assert await stores.revocations.purge(now=NOW + DAY - MILLISECOND, limit=9) == 0
    assert await stores.revocations.purge(now=NOW + DAY, limit=2) == 2
    assert await stores.revocations.purge(now=NOW + DAY, limit=2) == 1
    assert [entry.revocation for entry in await read(stores, now=NOW + DAY)] == [alive]


async def test_a_purged_sequence_is_never_used_again(stores):
    await stores.revocations.append([some_revocation("old")])
    last = (await read(stores))[-1].sequence
    await stores.revocations.purge(now=NOW + DAY, limit=9)
    await stores.revocations.append([some_revocation("new")])
    assert [entry.revocation.subject for entry in await read(stores, after=last)] == ["new"]
