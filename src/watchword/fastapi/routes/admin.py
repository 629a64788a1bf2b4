"""The admin API: accounts, roles, invitations, keys; and clients. Every route asks for the scope `admin`."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from watchword.config import ADMIN_SCOPE, AuthConfig
from watchword.core.models.identity import Role, User
from watchword.fastapi.problem_route import problem_route
from watchword.fastapi.profiles import AccountModels, sent_profile
from watchword.fastapi.requires import requires
from watchword.fastapi.routes.admin_clients import CLIENT_ROUTES
from watchword.fastapi.routes.admin_resources import RESOURCE_ROUTES
from watchword.fastapi.routes.answers import DEFAULT_LIMIT, check_cursor, key_members, page, role_members, user_members
from watchword.fastapi.routes.documented import NO_CONTENT, AdminRoute, answers, problems, with_body
from watchword.fastapi.schemas import (
    Cursor,
    DisableBody,
    IdInPath,
    InviteAnswer,
    InviteBody,
    KeyAnswer,
    Limit,
    NewUserBody,
    Page,
    RoleAnswer,
    RoleBody,
    RoleInPath,
    RotateBody,
)
from watchword.fastapi.scope import auth_of
from watchword.flows import admin, key_rotation
from watchword.flows.signup import SignUp


def admin_router(config: AuthConfig, models: AccountModels, *, provider: bool) -> APIRouter:
    """Return the admin API, without the prefix; with resources for a provider, which makes tokens for them."""
    router = APIRouter(
        prefix="/admin/api",
        route_class=problem_route(config.body_limit),
        tags=["admin"],
        dependencies=[requires(scopes=ADMIN_SCOPE.name)],
        responses=problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
    )
    provided = RESOURCE_ROUTES if provider else ()
    for method, path, endpoint, options in (*_routes(models), *CLIENT_ROUTES, *provided):
        router.add_api_route(path, endpoint, methods=[method], **options)
    return router


def _routes(models: AccountModels) -> list[AdminRoute]:
    return [
        ("GET", "/users", list_users, answers(Page[models.user])),  # type: ignore[name-defined]  # made at run time
        ("POST", "/users", with_body(add_user, models.new_user), answers(models.user, 201)),
        ("GET", "/users/{user_id}", show_user, answers(models.user)),
        ("PATCH", "/users/{user_id}", disable_user, answers(models.user)),
        ("DELETE", "/users/{user_id}", remove_user, NO_CONTENT),
        ("PUT", "/users/{user_id}/roles/{role}", grant_role, answers(models.user)),
        ("DELETE", "/users/{user_id}/roles/{role}", withdraw_role, answers(models.user)),
        ("GET", "/roles", list_roles, answers(Page[RoleAnswer])),
        ("PUT", "/roles/{name}", put_role, answers(RoleAnswer)),
        ("DELETE", "/roles/{name}", delete_role, NO_CONTENT),
        ("POST", "/invites", new_invite, answers(InviteAnswer, 201)),
        ("GET", "/keys", list_keys, answers(Page[KeyAnswer])),
        ("POST", "/keys/rotate", rotate_keys, answers(KeyAnswer)),
    ]


async def list_users(request: Request, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """List accounts in the order they were made."""
    ctx, after = auth_of(request).context, check_cursor(cursor)
    found = await admin.list_users(ctx, limit + 1, after)
    shown = found[:limit]
    last_id = shown[-1].id if len(found) > limit else None
    return page(shown, lambda user: user_members(user, auth_of(request).profile_model), last_id=last_id)


async def add_user(request: Request, body: NewUserBody) -> Response:
    """Make an account, whether sign-up is open or not."""
    wanted = SignUp(
        username=body.username,
        password=body.password.get_secret_value(),
        email=body.email,
        profile=sent_profile(body),
    )
    user = await admin.add_user(auth_of(request).context, wanted, tuple(body.roles))
    return _user_answer(request, user, status=201)


async def show_user(request: Request, user_id: IdInPath) -> Response:
    """Show an account, by its id or a login name."""
    return _user_answer(request, await admin.get_user(auth_of(request).context, user_id))


async def disable_user(request: Request, user_id: IdInPath, body: DisableBody) -> Response:
    """Disable an account, which ends its sessions, or enable it again."""
    switch = admin.disable_user if body.disabled else admin.enable_user
    return _user_answer(request, await switch(auth_of(request).context, user_id))


async def remove_user(request: Request, user_id: IdInPath) -> Response:
    """Delete an account for good."""
    await admin.remove_user(auth_of(request).context, user_id)
    return Response(status_code=204)


async def grant_role(request: Request, user_id: IdInPath, role: RoleInPath) -> Response:
    """Give a person a role."""
    return _user_answer(request, await admin.grant_role(auth_of(request).context, user_id, role))


async def withdraw_role(request: Request, user_id: IdInPath, role: RoleInPath) -> Response:
    """Take a role away from a person."""
    return _user_answer(request, await admin.withdraw_role(auth_of(request).context, user_id, role))


async def list_roles(request: Request) -> Response:
    """List all roles."""
    return page(await admin.list_roles(auth_of(request).context), role_members)


async def put_role(request: Request, name: RoleInPath, body: RoleBody) -> Response:
    """Make a role, or replace its permissions."""
    role = Role(name=name, permissions=frozenset(body.permissions), description=body.description)
    return JSONResponse(role_members(await admin.put_role(auth_of(request).context, role)))


async def delete_role(request: Request, name: RoleInPath) -> Response:
    """Delete a role and take it from everyone."""
    await admin.delete_role(auth_of(request).context, name)
    return Response(status_code=204)


async def new_invite(request: Request, body: InviteBody | None = None) -> Response:
    """Make an invitation. The secret is shown this once."""
    roles = tuple(body.roles) if body else ()
    return JSONResponse({"invite": await admin.new_invite(auth_of(request).context, roles)}, status_code=201)


async def list_keys(request: Request) -> Response:
    """List the signing keys, without key material."""
    return page(await auth_of(request).context.stores.keys.list(), key_members)


async def rotate_keys(request: Request, body: RotateBody | None = None) -> Response:
    """Make the next signing key."""
    chosen = body or RotateBody()
    ctx = auth_of(request).context
    key = await key_rotation.rotate(ctx, immediately=chosen.immediately, algorithm=chosen.algorithm)
    return JSONResponse(key_members(key))


def _user_answer(request: Request, user: User, *, status: int = 200) -> Response:
    return JSONResponse(user_members(user, auth_of(request).profile_model), status_code=status)
