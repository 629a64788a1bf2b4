"""Finds RSA moduli made by the flawed Infineon library (ROCA, CVE-2017-15361): they can be factored."""

from functools import cache

_GENERATOR = 65537
_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97),
    *(101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)


def is_roca(modulus: int) -> bool:
    """Whether the modulus, modulo every small prime, is a power of 65537: by chance about one in 100 million is."""
    return all(modulus % prime in powers for prime, powers in _powers())


@cache
def _powers() -> tuple[tuple[int, frozenset[int]], ...]:
    return tuple((prime, frozenset(pow(_GENERATOR, k, prime) for k in range(prime - 1))) for prime in _PRIMES)
