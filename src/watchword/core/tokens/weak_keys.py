"""Public keys that look well but protect nothing: ROCA moduli, Ed25519 points of small order."""

from functools import cache

_ROCA_GENERATOR = 65537
_ROCA_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97),
    *(101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)
_FIELD = 2**255 - 19
_SIGN_BIT = 1 << 255
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)
"""The y coordinates of the eight points whose order divides 8."""


def is_roca(modulus: int) -> bool:
    """Whether an RSA modulus bears the mark of the flawed Infineon generator (ROCA, CVE-2017-15361).

    Such a modulus is a power of 65537 modulo every small prime; of others about one in 100 million is, by chance.
    """
    return all(modulus % prime in powers for prime, powers in _roca_powers())


def is_weak_point(encoded: bytes) -> bool:
    """Whether an Ed25519 public key is of small order, or encoded otherwise than RFC 8032 section 5.1.3 allows.

    Under a key of small order one signature is good for many messages.
    """
    y = int.from_bytes(encoded, "little") & ~_SIGN_BIT
    return y >= _FIELD or y in _SMALL_ORDER_Y


@cache
def _roca_powers() -> tuple[tuple[int, frozenset[int]], ...]:
    return tuple((prime, frozenset(pow(_ROCA_GENERATOR, k, prime) for k in range(prime - 1))) for prime in _ROCA_PRIMES)
