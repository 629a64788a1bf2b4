"""Headers of our own answers (T19, T20, S09, S12) and canaries (L02)."""

import logging

import pytest
from tests.http.site import PASSWORD, bearer

PUBLIC = {"/auth/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"}
EVIL = {"Origin": "https://evil.example"}


async def every_answer(site):
    """Ask every operation of the document once without and once with a token, and yield path and answer."""
    document = (await site.client.get("/openapi.json")).json()
    headers = await site.new_admin()
    for given in ({}, headers):
        for path, operations in document["paths"].items():
            if not path.startswith(("/auth", "/.well-known")):
                continue
            place = path.replace("{user_id}", "x").replace("{role}", "y").replace("{name}", "z")
            for method in operations:
                if (method, path) in (("post", "/auth/logout"), ("delete", "/auth/me")):
                    continue
                yield path, await site.client.request(method, place, headers={**given, **EVIL})


async def test_every_answer_is_safe_and_only_public_documents_are_cached_or_shared(site):
    seen = set()
    async for path, answer in every_answer(site):
        seen.add(answer.status_code)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
        public = path in PUBLIC
        assert answer.headers.get("access-control-allow-origin") == ("*" if public else None), path
        assert answer.headers["cache-control"] == ("public, max-age=300" if public else "no-store"), path
    assert seen >= {200, 400, 401, 404, 422}


CANARIES = {
    "password": "canary-password-4711-XYZ",
    "refresh_token": "wwrt_canary-refresh-4711-XYZ",
    "client_secret": "canary-secret-4711-XYZ",
    "token": "canary-token-4711-XYZ",
    "invite": "wwiv_canary-invite-4711-XYZ",
}


async def test_no_secret_is_ever_logged_or_repeated(site, caplog):
    caplog.set_level(logging.DEBUG)
    await site.sign_up("carol", CANARIES["password"])
    answers = [
        await site.token("carol", CANARIES["password"] + "x"),
        await site.token("nobody", CANARIES["password"]),
        await site.refresh(CANARIES["refresh_token"]),
        await site.client.post("/auth/token", data=CANARIES),
        await site.client.post("/auth/token", json=CANARIES),
        await site.client.post("/auth/token", params=CANARIES),
        await site.client.post("/auth/revoke", data={"token": CANARIES["token"]}),
        await site.client.post("/auth/revoke", data=CANARIES),
        await site.client.post("/auth/token", auth=("app", CANARIES["client_secret"]), data=CANARIES),
        await site.client.get("/auth/me", headers={"Authorization": f"Bearer {CANARIES['token']}"}),
        await site.client.post("/auth/signup", json={"username": 1, **CANARIES}),
        await site.client.post("/auth/signup", json={"username": "carol", "password": CANARIES["password"]}),
        await site.client.post(
            "/auth/signup", json={"username": "x", "password": PASSWORD, "invite": "canary-4711-XYZ"}
        ),
        await site.client.post("/auth/signup", content=b'{"password": "canary-4711-XYZ"'),
    ]
    tokens = await site.log_in("carol", CANARIES["password"])
    body = {"current_password": CANARIES["password"] + "!", "new_password": "canary-4711-XYZ"}
    answers.append(await site.client.post("/auth/me/password", json=body, headers=bearer(tokens)))
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert [answer.text for answer in answers if "4711-XYZ" in answer.text] == []
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx2")]
    assert len(lines) > 0
    text = "\n".join(lines)
    assert "4711-XYZ" not in text
    assert tokens["access_token"] not in text
    assert tokens["refresh_token"] not in text


async def test_a_crlf_in_a_name_makes_no_second_log_line(site, caplog):
    caplog.set_level(logging.DEBUG)
    await site.token("mallory\r\nrefused: forged")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("watchword")]
    assert [line for line in lines if "\n" in line or "\r" in line or line.startswith("refused: forged")] == []


@pytest.mark.parametrize("path", ["/auth/token", "/auth/signup", "/auth/me"])
async def test_a_preflight_of_another_origin_gets_no_permission(site, path):
    headers = {**EVIL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = await site.client.options(path, headers=headers)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers
