"""Which addresses may be fetched from: special-use addresses are refused (RFC 6890, the IANA registries, OWASP SSRF).

Names are judged after they were resolved, so a decimal, octal or hexadecimal spelling of an address is judged as the
address it means.
"""

import ipaddress
from collections.abc import Sequence
from enum import Enum, auto

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressKind(Enum):
    """What an address is for."""

    PUBLIC = auto()
    LOOPBACK = auto()
    PRIVATE = auto()
    """A network of one's own: RFC 1918, RFC 6598 (carrier-grade NAT), RFC 4193 (unique local)."""
    FORBIDDEN = auto()
    """Nothing to fetch from, under any policy: link-local and cloud metadata, multicast, unspecified, documentation,
    benchmarking, reserved, and the IPv6 transition prefixes that can name an IPv4 address behind our back."""


class AddressPolicy(Enum):
    """Which kinds of addresses may be contacted."""

    PUBLIC = frozenset({AddressKind.PUBLIC})
    LOOPBACK = frozenset({AddressKind.PUBLIC, AddressKind.LOOPBACK})
    """For development."""
    PRIVATE = frozenset({AddressKind.PUBLIC, AddressKind.LOOPBACK, AddressKind.PRIVATE})
    """For an issuer inside one's own network."""

    def allows(self, kind: AddressKind) -> bool:
        """Whether an address of this kind may be contacted."""
        return kind in self.value

    @property
    def allows_plain_http(self) -> bool:
        """Whether any address at all may be contacted without TLS; never a public one."""
        return self is not AddressPolicy.PUBLIC


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


_METADATA = _networks("169.254.0.0/16", "100.100.100.200/32", "192.0.0.0/24", "168.63.129.16/32", "fd00:ec2::/32")
_LOOPBACK = _networks("127.0.0.0/8", "::1/128")
_PRIVATE = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_SPECIAL = _networks(
    "0.0.0.0/8",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "2001::/23",  # Teredo, ORCHID, benchmarking, AMT and other protocol assignments
    "2001:db8::/32",
    "2002::/16",  # 6to4
    "2620:4f:8000::/48",
    "3fff::/20",
)
_KINDS: Sequence[tuple[tuple[Network, ...], AddressKind]] = (
    (_METADATA, AddressKind.FORBIDDEN),
    (_LOOPBACK, AddressKind.LOOPBACK),
    (_PRIVATE, AddressKind.PRIVATE),
    (_SPECIAL, AddressKind.FORBIDDEN),
)
_IPV6_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def kind_of(address: Address) -> AddressKind:
    """Return what an address is for. An IPv4-mapped or NAT64 address is judged by the IPv4 address inside it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return kind_of(address.ipv4_mapped)
        if address in _NAT64:
            return _kind_behind_nat64(address)
    for networks, kind in _KINDS:
        if any(address in network for network in networks):
            return kind
    if isinstance(address, ipaddress.IPv6Address) and address not in _IPV6_GLOBAL_UNICAST:
        return AddressKind.FORBIDDEN  # link-local, multicast, unspecified, IPv4-compatible, 64:ff9b:1::/48, unassigned
    return AddressKind.PUBLIC if address.is_global else AddressKind.FORBIDDEN


def _kind_behind_nat64(address: ipaddress.IPv6Address) -> AddressKind:
    """Allow public IPv4 only (RFC 6052 section 3.1): a translator sees other hosts under a private address than we."""
    kind = kind_of(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return AddressKind.PUBLIC if kind is AddressKind.PUBLIC else AddressKind.FORBIDDEN


def parse_address(text: str) -> Address:
    """Return the address a resolver gave; ValueError if it is none. A zone index (`%eth0`) is kept."""
    return ipaddress.ip_address(text)
