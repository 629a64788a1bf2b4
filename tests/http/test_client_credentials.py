"""POST /auth/token with client credentials (RFC 6749 section 4.4; T02 to T05, T10, T14, T19)."""

import base64
from urllib.parse import quote_plus

import pytest
from fastapi import FastAPI
from tests.http.site import bearer

from watchword import CurrentPrincipal, CurrentUser
from watchword.config import LimitConfig
from watchword.core.models.limits import Limit
from watchword.core.tokens.opaque import hash_secret
from watchword.flows import clients

FORM = {"grant_type": "client_credentials"}


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


class Machine:
    def __init__(self, site, client, secret):
        self.site, self.id, self.secret = site, client.id, secret
        self.headers = basic(client.id, secret)
        self.fields = {"client_id": client.id, "client_secret": secret}

    async def token(self, *, headers=None, **form):
        headers = self.headers if headers is None else headers
        return await self.site.client.post("/auth/token", data={**FORM, **form}, headers=headers)


async def new_machine(site, **fields) -> Machine:
    return Machine(
        site, *await clients.add_client(site.auth.context, "billing", **{"scopes": ["items:read"], **fields})
    )


@pytest.fixture
async def machine(site):
    return await new_machine(site)


async def test_a_secret_buys_a_token_in_the_header_and_in_the_form(site, machine):
    for answer in (await machine.token(), await machine.token(headers={}, **machine.fields)):
        members = answer.json()
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"
        assert isinstance(members.pop("access_token"), str)
        assert members == {"token_type": "bearer", "expires_in": 600, "scope": "items:read"}


async def test_the_token_opens_a_route_of_its_scope_and_no_other(site, machine):
    tokens = (await machine.token()).json()
    answer = await site.client.get("/items", headers=bearer(tokens))
    assert (answer.status_code, answer.json()) == (200, {"subject": machine.id})
    less = (await (await new_machine(site, scopes=[])).token()).json()
    answer = await site.client.get("/items", headers=bearer(less))
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert (await site.client.get("/stats", headers=bearer(tokens))).status_code == 403


async def test_a_machine_is_a_principal_and_no_person(site, machine):
    app: FastAPI = site.app

    @app.get("/who")
    async def who(principal: CurrentPrincipal) -> dict[str, object]:
        return {"subject": principal.subject, "client_id": principal.client_id, "session_id": principal.session_id}

    @app.get("/person")
    async def person(user: CurrentUser) -> str:
        return user.id

    headers = bearer((await machine.token()).json())
    answer = await site.client.get("/who", headers=headers)
    assert answer.json() == {"subject": machine.id, "client_id": machine.id, "session_id": None}
    answer = await site.client.get("/person", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "access_refused")
    assert (await site.client.get("/auth/me", headers=headers)).status_code == 403


async def test_a_machine_with_the_scope_admin_administers_and_another_does_not(site, machine):
    operator = await new_machine(site, scopes=["admin"])
    for each, status in ((operator, 200), (machine, 403)):
        headers = bearer((await each.token()).json())
        assert (await site.client.get("/auth/admin/api/users", headers=headers)).status_code == status


async def test_an_id_and_a_secret_are_percent_decoded_in_the_header(site):
    from watchword.core.models.grants import Client

    odd_id, odd_secret = "a:b%2B c+é", "100% s:cret+ü"
    odd = Client(id=odd_id, name="odd", secret_hashes=(hash_secret(odd_secret),), grants=clients.GRANTS)
    await site.stores.clients.add(odd)
    answer = await site.client.post("/auth/token", data=FORM, headers=basic(odd_id, odd_secret))
    assert answer.status_code == 200
    raw = base64.b64encode(f"{odd_id}:{odd_secret}".encode()).decode()
    answer = await site.client.post("/auth/token", data=FORM, headers={"Authorization": f"Basic {raw}"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_two_methods_at_once_are_an_invalid_request(site, machine):
    answer = await machine.token(**machine.fields)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    answer = await machine.token(client_assertion="x.y.z")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert (await machine.token(client_id=machine.id)).status_code == 200


async def test_unknown_client_wrong_secret_and_disabled_client_get_the_same_bytes(site, machine):
    disabled = await new_machine(site)
    await clients.disable_client(site.auth.context, disabled.id)
    answers = [
        await machine.token(headers=headers)
        for headers in (basic("nobody", "x"), basic(machine.id, "x"), basic(machine.id, ""), disabled.headers)
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert answers[0].headers["www-authenticate"] == 'Basic realm="watchword"'
    by_form = await machine.token(headers={}, client_id=machine.id, client_secret="x")
    assert by_form.content == answers[0].content
    assert "www-authenticate" not in by_form.headers
    assert (await machine.token()).status_code == 200


async def test_a_secret_for_the_public_client_is_an_invalid_client(site):
    answer = await site.client.post("/auth/token", data=FORM, headers=basic("first-party", "x"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("form", [{}, {"client_id": "first-party"}])
async def test_the_public_client_may_not_use_client_credentials(site, form):
    answer = await site.client.post("/auth/token", data={**FORM, **form})
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_a_machine_may_not_use_another_grant(site, machine):
    await site.sign_up()
    for grant in ("password", "refresh_token"):
        answer = await machine.token(grant_type=grant, username="alice", password="x", refresh_token="x")
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_a_thousand_guesses_are_stopped_and_the_machine_works_on(new_site):
    site = await new_site(limits=LimitConfig(client_failures=Limit(5, 60)))
    machine = await new_machine(site)
    statuses = [(await machine.token(headers=basic(machine.id, f"guess-{n}"))).status_code for n in range(1000)]
    assert (statuses[:5], set(statuses[5:])) == ([401] * 5, {429})
    assert (await machine.token()).status_code == 200
    refused = await machine.token(headers=basic(machine.id, "x"))
    assert 1 <= int(refused.headers["retry-after"]) <= 60


async def test_a_disabled_machine_is_refused_at_once_and_an_enabled_one_works(site, machine):
    before = bearer((await machine.token()).json())
    assert (await site.client.get("/items", headers=before)).status_code == 200
    await clients.disable_client(site.auth.context, machine.id)
    answer = await site.client.get("/items", headers=before)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert (await machine.token()).status_code == 401
    await clients.enable_client(site.auth.context, machine.id)
    after = bearer((await machine.token()).json())
    assert (await site.client.get("/items", headers=after)).status_code == 200
    assert (await site.client.get("/items", headers=before)).status_code == 401
    await clients.delete_client(site.auth.context, machine.id)
    assert (await site.client.get("/items", headers=after)).status_code == 401


async def test_a_machine_revokes_its_own_token(site, machine):
    headers = bearer(tokens := (await machine.token()).json())
    anonymous = await site.client.post("/auth/revoke", data={"token": tokens["access_token"]})
    assert (anonymous.status_code, (await site.client.get("/items", headers=headers)).status_code) == (200, 200)
    form = {"token": tokens["access_token"]}
    assert (await site.client.post("/auth/revoke", data=form, headers=machine.headers)).status_code == 200
    assert (await site.client.get("/items", headers=headers)).status_code == 401
