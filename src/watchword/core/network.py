"""What counts as one place for rate limits: an IPv4 address, or the /64 that one IPv6 customer holds (RFC 6177)."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

_IPV6_PREFIX = 64


@lru_cache(maxsize=1024)  # each attempt is counted in several places
def network_of(address: str) -> str:
    """Return the IPv4 address or the IPv6 /64 network of a peer; what is no address stays as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    shift = 128 - _IPV6_PREFIX
    return f"{IPv6Address(int(parsed) >> shift << shift)}/{_IPV6_PREFIX}"
