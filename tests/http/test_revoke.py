"""POST /auth/revoke (RFC 7009)."""

import pytest
from tests.http.site import bearer


async def revoke(site, token: str, **more: str):
    return await site.client.post("/auth/revoke", data={"token": token, **more})


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "access_token"}])
async def test_revoking_a_refresh_token_ends_its_session(site, hint):
    await site.sign_up()
    tokens, other = await site.log_in(), await site.log_in()
    answer = await revoke(site, tokens["refresh_token"], **hint)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await site.refresh(tokens["refresh_token"])).status_code == 400
    assert (await site.client.get("/auth/me", headers=bearer(tokens))).status_code == 401
    assert (await site.client.get("/auth/me", headers=bearer(other))).status_code == 200


async def test_revoking_an_access_token_leaves_its_session(site):
    await site.sign_up()
    tokens = await site.log_in()
    assert (await revoke(site, tokens["access_token"])).status_code == 200
    assert (await site.client.get("/auth/me", headers=bearer(tokens))).status_code == 401
    renewed = (await site.refresh(tokens["refresh_token"])).json()
    assert (await site.client.get("/auth/me", headers=bearer(renewed))).status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "wwrt_nonsense", "a.b.c", "é"])
async def test_an_unknown_token_needs_no_revocation(site, token):
    answer = await revoke(site, token)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")


async def test_a_missing_token_is_an_invalid_request(site):
    answer = await revoke(site, "")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_another_client_is_an_invalid_client(site):
    answer = await revoke(site, "x", client_id="other")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
