"""The key set and the discovery documents (RFC 7517, RFC 8414; K01)."""

import base64
import json

import pytest

PATHS = ["/auth/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]


async def test_the_key_set_has_public_members_only(site):
    keys = (await site.client.get("/auth/jwks")).json()["keys"]
    assert len(keys) >= 1
    for key in keys:
        assert sorted(key) == ["alg", "crv", "kid", "kty", "use", "x", "y"]
        assert (key["alg"], key["use"], key["kty"]) == ("ES256", "sig", "EC")
    assert len({key["kid"] for key in keys}) == len(keys)


async def test_a_token_names_a_published_key(site):
    await site.sign_up()
    token = (await site.log_in())["access_token"]
    head = token.split(".")[0]
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    keys = (await site.client.get("/auth/jwks")).json()["keys"]
    assert header["kid"] in {key["kid"] for key in keys}


async def test_a_symmetric_key_is_never_published(new_site):
    from dataclasses import replace

    from tests.http.site import CONFIG

    site = await new_site(tokens=replace(CONFIG.tokens, algorithm="HS256"))
    await site.sign_up()
    assert (await site.client.get("/auth/me", headers={})).status_code == 401
    tokens = await site.log_in()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await site.client.get("/auth/me", headers=headers)).status_code == 200
    assert (await site.client.get("/auth/jwks")).json() == {"keys": []}


@pytest.mark.parametrize("path", PATHS)
async def test_public_documents_may_be_cached_and_read_by_any_origin(site, path):
    answer = await site.client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_who_has_the_document_gets_304(site, path):
    etag = (await site.client.get(path)).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await site.client.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    answer = await site.client.get(path, headers={"If-None-Match": '"other"'})
    assert answer.status_code == 200


async def test_the_metadata_names_what_works_here(site):
    metadata = (await site.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == "http://testserver"
    assert metadata["token_endpoint"] == "http://testserver/auth/token"
    assert metadata["grant_types_supported"] == ["client_credentials", "password", "refresh_token"]
    assert metadata["scopes_supported"] == ["admin", "items:read", "reports"]
    assert (await site.client.get(metadata["jwks_uri"])).status_code == 200


@pytest.mark.parametrize("path", PATHS[1:])
async def test_the_issuer_comes_from_configuration_never_from_the_request(site, path):
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    answer = await site.client.get(path, headers=headers)
    assert answer.json()["issuer"] == "http://testserver"
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/.well-known/oauth-authorization-server/tenant/a", 200),
        ("/tenant/a/.well-known/openid-configuration", 200),
        ("/.well-known/openid-configuration/tenant/a", 200),
        ("/.well-known/oauth-authorization-server", 404),
    ],
)
async def test_an_issuer_with_a_path_has_its_documents_where_clients_look(new_site, path, status):
    site = await new_site(issuer="http://testserver/tenant/a")
    answer = await site.client.get(path)
    assert answer.status_code == status
    assert status != 200 or answer.json()["issuer"] == "http://testserver/tenant/a"
