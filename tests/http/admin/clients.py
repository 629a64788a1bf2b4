"""What the tests of clients in the admin API share: where it is, some clients, and how one gets a token."""

from typing import Any

import httpx2
from tests.http.site import Site, bearer

CLIENTS = "/auth/admin/api/clients"
MACHINE = {"client_name": "Nightly billing", "grant_types": ["client_credentials"], "scope": "items:read"}
CB = "https://shop.example/callback"
SHOP = {"client_name": "Corner Shop", "redirect_uris": [CB], "grant_types": ["authorization_code", "refresh_token"]}
PAGE = {**SHOP, "token_endpoint_auth_method": "none"}


class Desk:
    """An administrator at the admin API."""

    def __init__(self, site: Site, headers: dict[str, str]) -> None:
        self.site, self.headers = site, headers

    async def send(self, method: str, path: str = "", body: Any = None, **more: Any) -> httpx2.Response:
        return await self.site.client.request(method, CLIENTS + path, json=body, headers=self.headers, **more)

    async def add(self, body: dict[str, Any] = MACHINE) -> dict[str, Any]:
        answer = await self.send("POST", body=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def change(self, client: dict[str, Any], **changes: Any) -> httpx2.Response:
        return await self.send("PATCH", f"/{client['client_id']}", changes)

    async def rotate(self, client: dict[str, Any], body: Any = None) -> str:
        answer = await self.send("POST", f"/{client['client_id']}/secrets", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["client_secret"]


async def get_token(site: Site, client: dict[str, Any], secret: str | None = None) -> httpx2.Response:
    """Ask for a token by `client_credentials`, by the client's first secret unless another is named."""
    pair = (client["client_id"], secret or client["client_secret"])
    return await site.client.post("/auth/token", data={"grant_type": "client_credentials"}, auth=pair)


async def use(site: Site, token: httpx2.Response) -> int:
    """Return how a guarded route answers to this token."""
    return (await site.client.get("/items", headers=bearer(token.json()))).status_code


async def check_life_of_client(site: Site) -> None:
    """See a client registered, changed, given a new secret, disabled, enabled and deleted, and its tokens follow."""
    desk = Desk(site, await site.new_admin())
    made = await desk.add()
    token = await get_token(site, made)
    assert ((await desk.send("GET")).json()["items"][0]["client_id"], await use(site, token)) == (
        made["client_id"],
        200,
    )
    assert (await desk.change(made, client_name="Daily billing", access_ttl=60)).json()["access_ttl"] == 60
    shown = (await desk.send("GET", f"/{made['client_id']}")).json()
    assert (shown["client_name"], shown["scope"], shown["secrets"]) == ("Daily billing", "items:read", 1)
    second = await desk.rotate(made)
    for secret in (made["client_secret"], second):
        assert (await get_token(site, made, secret)).json()["expires_in"] == 60
    await desk.rotate(made, {"immediately": True})
    assert ((await get_token(site, made, second)).status_code, await use(site, token)) == (401, 401)
    made = await desk.add()
    assert (await desk.change(made, disabled=True)).status_code == 200
    assert (await get_token(site, made)).status_code == 401
    assert (await desk.change(made, disabled=False)).status_code == 200
    token = await get_token(site, made)
    assert ((await desk.send("DELETE", f"/{made['client_id']}")).status_code, await use(site, token)) == (204, 401)
    assert (await desk.send("GET", f"/{made['client_id']}")).status_code == 404
