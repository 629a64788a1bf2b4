"""The ways to reach a Redis: TCP with a password, a database of several, TLS with an authority of one's own."""

import ipaddress
import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from tests.flows.world import config
from tests.remote.test_fetcher_tls import Authority
from tests.servers import redis as servers

from watchword.core.models.limits import Limit
from watchword.ports.shared import Unreachable
from watchword.stores.shared import open_shared

PASSWORD = "a-fake-password"
ONE_A_MINUTE = Limit(1, 60)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


async def counts(url):
    """Whether a limit is counted there."""
    shared = open_shared(config(redis_url=url))
    try:
        answers = [await shared.limiter.hit("login", url, ONE_A_MINUTE) for _ in range(2)]
    finally:
        await shared.close()
    return answers == [0, 60]


async def test_a_password_is_needed_where_redis_asks_for_one(redis):
    port = free_port()
    with servers.running_redis("--port", str(port), "--requirepass", PASSWORD):
        assert await counts(f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
        assert await counts(f"redis://default:{PASSWORD}@localhost:{port}/3")
        for wrong in ("", ":wrong@"):
            with pytest.raises(Unreachable) as failure:
                await counts(f"redis://{wrong}127.0.0.1:{port}/0")
            assert str(failure.value) in {"AuthenticationError", "ResponseError"}


async def test_tls_needs_an_authority_that_is_known_and_the_name_of_the_server(redis, tmp_path):
    authority, port = Authority(), free_port()
    authority.server_context(tmp_path, x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    known = tmp_path / "authority.pem"
    known.write_bytes(authority._certificate.public_bytes(serialization.Encoding.PEM))
    pem = str(tmp_path / "server.pem")
    tls = ("--tls-port", str(port), "--tls-cert-file", pem, "--tls-key-file", pem, "--tls-auth-clients", "no")
    with servers.running_redis(*tls):
        assert await counts(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={known}")
        for refused in (f"127.0.0.1:{port}/0", f"localhost:{port}/0?ssl_ca_certs={known}"):
            with pytest.raises(Unreachable):
                await counts(f"rediss://{refused}")


async def test_databases_of_one_server_count_apart(redis):
    first, second = (f"unix://{redis.socket}?db={number}" for number in (0, 1))
    one, other = open_shared(config(redis_url=first)), open_shared(config(redis_url=second))
    assert await one.limiter.hit("login", "alice", ONE_A_MINUTE) == 0
    assert await other.limiter.hit("login", "alice", ONE_A_MINUTE) == 0
    assert await one.limiter.hit("login", "alice", ONE_A_MINUTE) == 60
    for shared in (one, other):
        await shared.close()
