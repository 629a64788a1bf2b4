"""What guards add to an application's OpenAPI document: the security scheme, alternatives, and the refusals."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer, OAuth2, OAuthFlowAuthorizationCode, OAuthFlowPassword, OAuthFlows
from fastapi.openapi.models import SecurityBase as SchemeModel
from fastapi.routing import RouteContext, iter_route_contexts

from watchword.config import AuthConfig
from watchword.fastapi.deny import denies_anonymous, guards_of
from watchword.fastapi.guard import MaybeGuard, PrincipalGuard, scheme_model
from watchword.fastapi.public import is_public

Operation = dict[str, Any]
REFUSALS = {
    "401": {"description": "Not authenticated, or the credential is invalid, expired or revoked (RFC 6750)"},
    "403": {"description": "Authenticated, but not allowed: a scope, role or permission is missing (RFC 6750)"},
}


def oauth_scheme(config: AuthConfig, *, code: bool = False) -> SchemeModel:
    """Return the scheme of Swagger UI's Authorize: username and password, or with `code` the hosted login too."""
    scopes = {scope.name: scope.description for scope in config.scopes.values()}
    root = config.prefix.strip("/")
    token_url = f"{root}/token"
    flows = OAuthFlows(password=OAuthFlowPassword(tokenUrl=token_url, scopes=scopes))
    if code:
        flows.authorizationCode = OAuthFlowAuthorizationCode(
            authorizationUrl=f"{root}/authorize", tokenUrl=token_url, refreshUrl=token_url, scopes=scopes
        )
    return OAuth2(flows=flows)


def bearer_scheme() -> SchemeModel:
    """Return the scheme of an application that takes another issuer's tokens."""
    return HTTPBearer(bearerFormat="JWT")


def describe_guards(app: FastAPI, scheme: SchemeModel) -> None:
    """Make `app.openapi()` show `scheme`, the alternatives of `|`, and the answers 401 and 403."""
    generate = app.openapi
    described: dict[str, Any] | None = None

    def openapi() -> dict[str, Any]:
        nonlocal described
        token = scheme_model.set(scheme)
        try:
            document = generate()
        finally:
            scheme_model.reset(token)
        if document is not described:
            for context in iter_route_contexts(app.routes):
                for operation in _operations_of(context, document):
                    _describe(operation, context)
            described = document
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents to extend the document


def _operations_of(context: RouteContext, document: dict[str, Any]) -> Iterator[Operation]:
    path = document.get("paths", {}).get(context.path_format or "", {})
    for method in context.methods or ():
        if method.lower() in path:
            yield path[method.lower()]


def _describe(operation: Operation, context: RouteContext) -> None:
    dependant = getattr(context, "dependant", None)
    if not isinstance(dependant, Dependant):
        return
    guards = list(guards_of(dependant))
    closed = denies_anonymous(dependant) and not is_public(context.endpoint)
    if not guards and not closed:
        return
    operation["security"] = _security(guards, operation, closed=closed)
    for status, answer in REFUSALS.items():
        operation["responses"].setdefault(status, answer)


def _security(guards: list[PrincipalGuard], operation: Operation, *, closed: bool) -> list[dict[str, list[str]]]:
    """Return the alternatives: one scope list for each way of taking one rule of every guard."""
    name = PrincipalGuard.scheme_name
    declared = {scope for entry in operation.get("security", []) for scope in entry.get(name, [])}
    choices = [[rule.scopes for rule in guard.rules] or [()] for guard in guards]
    lists = {tuple(sorted(declared.union(*choice))) for choice in product(*choices)}
    alternatives: list[dict[str, list[str]]] = [{name: list(scopes)} for scopes in sorted(lists)]
    optional = guards and all(isinstance(guard, MaybeGuard) for guard in guards)
    return [{}, *alternatives] if optional and not closed else alternatives
