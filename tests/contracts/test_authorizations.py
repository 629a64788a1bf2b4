"""Stores of authorizations, against the memory store: random steps, and every answer is the same."""

import asyncio
import random
from datetime import timedelta
from hashlib import sha256

import pytest
from tests.contracts.records import NOW, some_client

from watchword.core.models.authorizations import AuthorizationCode, Consent, DeviceGrant, Resource
from watchword.core.models.sessions import BrowserSession
from watchword.ports.identity import Change, Redemption
from watchword.stores.memory import open_memory

STEPS = 60


def digest(name):
    return sha256(name.encode()).digest()


def at(dice):
    return NOW + timedelta(seconds=dice.choice([-9, 0, 1, 2, 60]))


def browser(dice):
    who, name, more = dice.choice("uv"), dice.choice("ab"), {"acr": dice.choice([None, "1"])}
    times = {"created_at": NOW, "last_seen_at": NOW, "expires_at": at(dice), "auth_time": at(dice)}
    return BrowserSession(user_id=who, id=name, secret_hash=digest(dice.choice("xy")), **times, **more)


def code(dice):
    times = {"auth_time": NOW, "created_at": NOW, "expires_at": at(dice)}
    more = {"claims": {"a.b$": None}, "nonce": dice.choice([None, "n"])}
    ids = {"client_id": "c", "user_id": "u", "session_id": "s", "redirect_uri": "https://a.example"}
    return AuthorizationCode(code_hash=digest(dice.choice("ab")), scopes=frozenset("xy"), **ids, **times, **more)


def device(dice):
    hashes = {"device_hash": digest(dice.choice("ab")), "user_code_hash": digest(dice.choice("12"))}
    times = {"created_at": at(dice), "expires_at": at(dice), "interval": timedelta(seconds=5)}
    person = {"user_id": dice.choice([None, "u"]), "auth_time": dice.choice([None, NOW])}
    return DeviceGrant(client_id="c", scopes=frozenset("x"), **hashes, **times, **person)


def consent(dice):
    values = {"scopes": frozenset(dice.sample("xyz", 2)), "claims": frozenset(dice.sample("ab", 1))}
    return Consent(user_id=dice.choice("uv"), client_id=dice.choice("cd"), granted_at=at(dice), **values)


def resource(dice):
    values = {"scopes": dice.choice([None, frozenset("a")]), "access_ttl": dice.choice([None, timedelta(minutes=5)])}
    return Resource(uri=dice.choice("ab"), **values)


def calls(dice, stores):
    """One call of every verb, with the same dice for each store."""
    who, name, now, key = dice.choice("uv"), dice.choice("ab"), at(dice), digest(dice.choice("ab"))
    b, c, d, codes, o = stores.browsers, stores.consents, stores.devices, stores.codes, stores.once
    return [
        lambda: b.add(browser(dice)),
        lambda: b.find(who, name),
        lambda: b.list_live(who, now=now),
        lambda: b.renew(browser(dice), expected=digest(dice.choice("xy"))),
        lambda: b.touch(who, name, now=now),
        lambda: b.end(who, name, now=now),
        lambda: b.end_all(who, except_id=dice.choice([None, "a"]), now=now),
        lambda: b.purge(before=now, limit=9),
        lambda: codes.add(code(dice)),
        lambda: codes.find(key),
        lambda: codes.redeem(key, now=now),
        lambda: codes.purge(before=now, limit=9),
        lambda: d.add(device(dice)),
        lambda: d.find(key),
        lambda: d.find_by_user_code(digest(dice.choice("12"))),
        lambda: d.approve(device(dice), now=now),
        lambda: d.deny(key, now=now),
        lambda: d.poll(key, now=now),
        lambda: d.redeem(key, now=now),
        lambda: d.purge(before=now, limit=9),
        lambda: c.find(who, "c"),
        lambda: c.list(who),
        lambda: c.put(consent(dice)),
        lambda: c.withdraw(who, "c"),
        lambda: c.withdraw_all(who),
        stores.resources.list,
        lambda: stores.resources.put(resource(dice)),
        lambda: stores.resources.delete(name),
        lambda: o.claim(key, expires_at=at(dice), now=now),
        lambda: o.purge(now=now, limit=9),
    ]


async def answer(seed, stores):
    dice = random.Random(seed)
    try:
        return await dice.choice(calls(dice, stores))()
    except ValueError:
        return ValueError


@pytest.mark.parametrize("seed", range(30))
async def test_both_stores_give_the_same_answers(stores, seed):
    memory = open_memory()
    for step in range(STEPS):
        number = seed * STEPS + step
        assert await answer(number, stores) == await answer(number, memory), number


async def test_of_many_at_once_one_wins(stores):
    dice = random.Random(1)
    one = AuthorizationCode(**{**fields_of(code(dice)), "expires_at": NOW + timedelta(seconds=60)})
    await stores.codes.add(one)
    redeemed = await asyncio.gather(*(stores.codes.redeem(one.code_hash, now=NOW) for _ in range(32)))
    assert sorted(map(redeemed.count, (Redemption.REDEEMED, Redemption.SPENT))) == [1, 31]
    assert (await stores.codes.find(one.code_hash)).reused_at == NOW
    later = NOW + timedelta(seconds=9)
    claims = await asyncio.gather(*(stores.once.claim(b"jti", expires_at=later, now=NOW) for _ in range(32)))
    assert sum(claims) == 1
    put = await asyncio.gather(*(stores.resources.put(Resource(uri="https://a.example")) for _ in range(32)))
    assert (put.count(Change.CHANGED), put.count(Change.UNCHANGED)) == (1, 31)


def fields_of(record):
    return {name: getattr(record, name) for name in record.__slots__}


async def test_a_client_is_replaced_but_for_its_secrets(stores):
    client = some_client(secret_salts=(b"salt",))
    await stores.clients.add(client)
    await stores.clients.disable(client.id, now=NOW)
    other = some_client("other", id=client.id, scopes=None, secret_hashes=())
    assert await stores.clients.replace(other, expected_version=2) == Change.STALE
    assert await stores.clients.replace(other, expected_version=1) == Change.CHANGED
    (found,) = await stores.clients.find([client.id])
    assert (found.name, found.scopes, found.version) == ("other", None, 2)
    assert (found.secret_hashes, found.secret_salts, found.disabled_at) == (client.secret_hashes, (b"salt",), NOW)
    assert await stores.clients.replace(some_client(), expected_version=1) == Change.ABSENT
