"""What exactly one of many callers may win. A grant or a secret that is used once joins by one entry in the table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from tests.contracts.records import DAY, NOW, some_family, some_invite

from watchword.core.models.authorizations import AuthorizationCode
from watchword.core.models.grants import RefreshFamily
from watchword.ports.bundle import Stores

FAMILY = some_family(id="contended")


@dataclass(frozen=True)
class Contest:
    """Who may win what.

    `prepare` makes what so many rounds are about. `attempt` is one caller's try in one round; exactly one gets `won`,
    everyone else `lost`. `count_spent` says how often the store was won, in the end.
    """

    prepare: Callable[[Stores, int], Awaitable[None]]
    attempt: Callable[[Stores, int, int], Awaitable[Enum]]
    won: str
    lost: str
    count_spent: Callable[[Stores, int], Awaitable[int]]


async def _add_family(stores: Stores, rounds: int) -> None:
    await stores.families.add(FAMILY)


async def _rotate(stores: Stores, number: int, caller: int) -> Enum:
    return await stores.families.rotate(
        FAMILY.user_id, FAMILY.id, generation=number + 1, scopes=FAMILY.scopes, idle_expires_at=NOW + DAY, now=NOW
    )


async def _count_rotations(stores: Stores, rounds: int) -> int:
    family = await stores.families.find(FAMILY.user_id, FAMILY.id)
    assert isinstance(family, RefreshFamily)
    return family.generation - 1


def _invite(number: int) -> bytes:
    return some_invite(f"not-a-real-secret-{number}").secret_hash


async def _add_invites(stores: Stores, rounds: int) -> None:
    for number in range(rounds):
        await stores.invites.add(some_invite(f"not-a-real-secret-{number}"))


async def _redeem(stores: Stores, number: int, caller: int) -> Enum:
    return await stores.invites.redeem(_invite(number), user_id=f"user-{caller}", now=NOW)


async def _count_redeemed(stores: Stores, rounds: int) -> int:
    found = [await stores.invites.find(_invite(number)) for number in range(rounds)]
    return sum(invite is not None and invite.redeemed_by is not None for invite in found)


def _code(number: int) -> AuthorizationCode:
    return AuthorizationCode(
        code_hash=sha256(f"not-a-real-code-{number}".encode()).digest(),
        client_id="client",
        user_id="user-1",
        session_id=f"session-{number}",
        redirect_uri="https://client.example/callback",
        scopes=frozenset({"openid"}),
        auth_time=NOW,
        created_at=NOW,
        expires_at=NOW + DAY,
    )


async def _add_codes(stores: Stores, rounds: int) -> None:
    for number in range(rounds):
        await stores.codes.add(_code(number))


async def _redeem_code(stores: Stores, number: int, caller: int) -> Enum:
    return await stores.codes.redeem(_code(number).code_hash, now=NOW)


async def _count_codes(stores: Stores, rounds: int) -> int:
    """Count the spent ones; each was presented again, so each says so too."""
    found = [await stores.codes.find(_code(number).code_hash) for number in range(rounds)]
    return sum(code is not None and code.redeemed_at is not None and code.reused_at is not None for code in found)


CONTESTS = {
    "refresh generation": Contest(_add_family, _rotate, "ROTATED", "STALE", _count_rotations),
    "invite": Contest(_add_invites, _redeem, "REDEEMED", "SPENT", _count_redeemed),
    "authorization code": Contest(_add_codes, _redeem_code, "REDEEMED", "SPENT", _count_codes),
}
