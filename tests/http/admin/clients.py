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
