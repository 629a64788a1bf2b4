"""Schemathesis over the OpenAPI document, in this process: no 5xx, and every answer as documented (B24)."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.python import asgi
from schemathesis.specs.openapi import checks
from tests.http.site import CONFIG, PASSWORD, new_app

from watchword import Auth, public
from watchword.core.account_errors import UsernameTaken
from watchword.core.models.authorizations import Resource
from watchword.core.models.identity import Role
from watchword.flows import admin, clients, exchange, resource_book, token
from watchword.flows.signup import SignUp
from watchword.stores.open import open_stores

CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
BOUNDED = settings(
    max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
MODES = strategies.sampled_from(list(schemathesis.GenerationMode))
PLAUSIBLE = {
    "role": "editor",
    "name": "editor",
    "roles": ["editor"],
    "email": None,
    "token": "wwrt_unknown",
    "current_password": PASSWORD,
    "new_password": PASSWORD,
    "disabled": False,
}
LEFT_OUT = {"client_id", "client_secret", "invite"}
OPEN = {
    "POST /auth/token",
    "POST /auth/revoke",
    "POST /auth/introspect",
    "POST /auth/signup",
    "GET /auth/jwks",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
}
RESOURCE = "https://api.example/items"
WHOLE = {
    "POST /auth/token": {"username": "root", "password": PASSWORD},
    "POST /auth/revoke": {"token": PLAUSIBLE["token"]},
    "POST /auth/admin/api/clients": {"client_name": "Machine", "grant_types": ["client_credentials"]},
    "PATCH /auth/admin/api/clients/{client_id}": {"client_name": "Engine", "disabled": False, "access_ttl": 60},
    "POST /auth/admin/api/clients/{client_id}/secrets": {"immediately": False},
}
"""Bodies that no generator finds by itself."""
OF_A_PROVIDER = ("/resources", "/initial-access-tokens")
HARD_TO_HIT = "DELETE /auth/me/sessions/{session_id}"
NUMBERS = itertools.count()
TOKEN = "/fresh-admin"


def new_target(*, provider: bool = False) -> Any:
    """The application, with a route that hands out an administrator's token: generated requests end sessions."""
    app = new_app()
    patient = replace(CONFIG, tokens=replace(CONFIG.tokens, leeway=timedelta(minutes=2)))  # roles are deleted very fast
    auth: Auth[Any] = Auth(patient, stores=open_stores("memory://"))
    auth.install(app, provider=provider)

    @app.post(TOKEN, include_in_schema=False)
    @public
    async def fresh_admin() -> dict[str, str]:
        await admin.put_role(auth.context, Role(name="editor"))
        for name, roles in (("root", ("admin",)), ("alice", ("editor",))):
            with suppress(UsernameTaken):
                await admin.add_user(auth.context, SignUp(username=name, password=PASSWORD), roles)
        form = {"username": "root", "password": PASSWORD, "scope": "admin items:read"}
        request = exchange.TokenRequest(form=form, basic=None, address="", user_agent="")
        issued = await token.issue_token(auth.context, request)
        client, secret = await clients.add_client(auth.context, "machine")
        await resource_book.put_resource(auth.context, Resource(uri=RESOURCE))
        return {
            "access_token": issued.access_token,
            "alice": (await admin.get_user(auth.context, "alice")).id,
            "client_id": client.id,
            "client_secret": secret,
        }

    return app


@pytest.fixture(scope="module")
def target() -> Iterator[Any]:
    yield schemathesis.openapi.from_asgi("/openapi.json", new_target(), config=SchemathesisConfig())
    asgi.shutdown_lifespans()


def make_plausible(case: Any, fresh: dict[str, str]) -> None:
    """Put values that exist here into a generated request, so that it gets past the first check."""
    known = {**PLAUSIBLE, "user_id": fresh["alice"], "client_id": fresh["client_id"]}
    case.path_parameters |= {name: known[name] for name in case.path_parameters if name in known}
    case.query = {"uri": RESOURCE} if "uri" in case.query else {}
    if isinstance(case.body, dict):
        kept = {name: value for name, value in case.body.items() if name not in LEFT_OUT}
        case.body = kept | {name: value for name, value in PLAUSIBLE.items() if name in kept}
        if case.operation.label in ("POST /auth/signup", "POST /auth/admin/api/users"):
            case.body |= {"username": f"user{next(NUMBERS)}", "password": PASSWORD}
        case.body = WHOLE.get(case.operation.label, case.body)
        if case.operation.label == "POST /auth/introspect":
            secret = {name: fresh[name] for name in ("client_id", "client_secret")}
            case.body |= {"token": fresh["access_token"], **secret}


def explore(operation: Any, *, as_administrator: bool) -> list[int]:
    """Send generated requests, good and bad, and check every answer. Returns the status codes."""
    statuses: list[int] = []

    @BOUNDED
    @given(data=strategies.data())
    def send(data: Any) -> None:
        case = data.draw(operation.as_strategy(generation_mode=data.draw(MODES)))
        with asgi.get_client(operation.app) as client:
            known = client.post(TOKEN).json()
        if data.draw(strategies.booleans()):
            make_plausible(case, known)
        headers = {"Authorization": f"Bearer {known['access_token']}"} if as_administrator else {}
        statuses.append(case.call_and_validate(checks=CHECKS, headers=headers).status_code)

    send()
    return statuses


@pytest.mark.parametrize("as_administrator", [False, True])
def test_generated_requests_find_nothing(target, as_administrator):
    statuses = {}
    for result in target.get_all_operations():
        operation = result.ok()
        statuses[operation.label] = set(explore(operation, as_administrator=as_administrator))
    guarded = {label for label in statuses if "/me" in label or "/admin/" in label}
    refused = {label for label in guarded if 401 in statuses[label]}
    accepted = {label for label in statuses if statuses[label] & {200, 201, 204}}
    assert len(statuses) >= 34
    assert refused == (set() if as_administrator else guarded)
    assert set(statuses) - accepted == ({HARD_TO_HIT} if as_administrator else set(statuses) - OPEN)


def test_generated_requests_to_the_admin_api_of_a_provider_find_nothing():
    app = new_target(provider=True)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=SchemathesisConfig())
    operations = [result.ok() for result in schema.get_all_operations()]
    chosen = [each for each in operations if each.path.endswith(OF_A_PROVIDER)]
    assert len(chosen) == 4
    for operation in chosen:
        assert set(explore(operation, as_administrator=False)) == {401}
        statuses = set(explore(operation, as_administrator=True))
        assert statuses & {200, 201, 204}, operation.label
        assert 401 not in statuses, operation.label


def test_a_planted_fault_is_found(target):
    app = new_target()

    @app.get("/planted")
    async def planted(number: int) -> dict[str, float]:
        return {"inverse": 1 / (number - number)}

    broken = schemathesis.openapi.from_asgi("/openapi.json", app, config=SchemathesisConfig())
    with pytest.raises(ZeroDivisionError):
        explore(broken["/planted"]["GET"], as_administrator=False)
