"""The server's own settings of uvicorn, without a process."""

import pytest
from starlette.testclient import TestClient

from watchword.server.graceful import GracefulServer


async def where_from(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@pytest.mark.parametrize(("trusted", "seen"), [([], "192.0.2.7"), (["192.0.2.0/24"], "198.51.100.1")])
def test_forwarded_addresses_are_believed_from_trusted_proxies_alone(trusted, seen):
    server = GracefulServer(where_from, shutdown_delay=0, trusted_proxies=trusted)
    server.config.load()
    client = TestClient(server.config.loaded_app, client=("192.0.2.7", 1))
    assert client.get("/", headers={"X-Forwarded-For": "198.51.100.1"}).text == seen


def test_neither_a_server_header_nor_an_access_log_is_written():
    config = GracefulServer(where_from, shutdown_delay=0, trusted_proxies=[]).config
    assert (config.server_header, config.access_log) == (False, False)
