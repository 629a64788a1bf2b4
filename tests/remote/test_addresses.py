"""Which addresses may be fetched from."""

import pytest

from watchword.remote.addresses import AddressKind, AddressPolicy, kind_of, parse_address

PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::200e"]
LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
PRIVATE = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "fd12::1"]
FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.1.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "::ffff:0.0.0.0",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(text, AddressKind.PUBLIC) for text in [*PUBLIC, "::ffff:8.8.8.8", "64:ff9b::808:808"]]
    + [(text, AddressKind.LOOPBACK) for text in LOOPBACK]
    + [(text, AddressKind.PRIVATE) for text in [*PRIVATE, "::ffff:10.0.0.1"]]
    + [(text, AddressKind.FORBIDDEN) for text in FORBIDDEN],
)
def test_an_address_is_judged_by_what_it_is_for(text, kind):
    assert kind_of(parse_address(text)) is kind


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (AddressPolicy.PUBLIC, {AddressKind.PUBLIC}),
        (AddressPolicy.LOOPBACK, {AddressKind.PUBLIC, AddressKind.LOOPBACK}),
        (AddressPolicy.PRIVATE, {AddressKind.PUBLIC, AddressKind.LOOPBACK, AddressKind.PRIVATE}),
    ],
)
def test_a_policy_allows_exactly_its_kinds(policy, allowed):
    assert {kind for kind in AddressKind if policy.allows(kind)} == allowed


def test_only_a_policy_for_near_addresses_allows_plain_http():
    assert {policy for policy in AddressPolicy if policy.allows_plain_http} == {
        AddressPolicy.LOOPBACK,
        AddressPolicy.PRIVATE,
    }
