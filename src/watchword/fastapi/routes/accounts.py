"""What a person does with their own account: sign up, read, change, sessions, log out.

By the operator's own applications alone: other clients have userinfo, and may end the session that is theirs.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from watchword.config import AuthConfig
from watchword.core.account_errors import NotFound
from watchword.core.models.identity import Principal, User
from watchword.fastapi.current import CurrentPrincipal, CurrentUser
from watchword.fastapi.problem_route import problem_route
from watchword.fastapi.profiles import AccountModels, has_profile, merged_profile, sent_profile
from watchword.fastapi.public import public
from watchword.fastapi.requires import requires
from watchword.fastapi.routes.answers import page, session_members, user_members
from watchword.fastapi.routes.documented import NO_CONTENT, Endpoint, problems, with_body
from watchword.fastapi.routes.oauth import address_of
from watchword.fastapi.routes.own_clients import check_own_client
from watchword.fastapi.rules import Rule
from watchword.fastapi.schemas import ChangeBody, IdInPath, LogoutBody, Page, PasswordBody, SessionAnswer, SignUpBody
from watchword.fastapi.scope import auth_of
from watchword.flows import account, sessions, signup
from watchword.ports.identity import Keep

FRESH: Final = timedelta(minutes=15)
"""How recent a login must be to change the e-mail address or to delete the account (RFC 9470)."""
FreshPrincipal = Annotated[Principal, requires(fresh=FRESH)]
_LOGOUT = "logout"


def accounts_router(config: AuthConfig, models: AccountModels) -> APIRouter:
    """Return the routes of a person's own account, without the prefix."""
    router = APIRouter(
        route_class=problem_route(config.body_limit),
        tags=["account"],
        responses=problems(400, 401, 403, 413, 422, 429, 503),
    )
    for method, path, endpoint, options in _routes(models):
        router.add_api_route(path, endpoint, methods=[method], **options)
    return router


def _routes(models: AccountModels) -> list[tuple[str, str, Endpoint, dict[str, Any]]]:
    user = {"response_model": models.user}
    taken = {"responses": problems(404, 409)}
    return [
        ("POST", "/signup", with_body(sign_up, models.sign_up), {**user, **taken, "status_code": 201}),
        ("GET", "/me", show_me, user),
        ("PATCH", "/me", with_body(change_me, models.change), {**user, **taken}),
        ("DELETE", "/me", delete_me, NO_CONTENT),
        ("POST", "/me/password", change_password, {**taken, "status_code": 204}),
        ("GET", "/me/sessions", list_sessions, {"response_model": Page[SessionAnswer]}),
        ("DELETE", "/me/sessions/{session_id}", end_session, NO_CONTENT),
        ("POST", "/logout", log_out, {"status_code": 204}),
    ]


@public
async def sign_up(request: Request, body: SignUpBody) -> Response:
    """Make an account."""
    auth = auth_of(request)
    wanted = signup.SignUp(
        username=body.username,
        password=body.password.get_secret_value(),
        email=body.email,
        profile=sent_profile(body),
        invite=body.invite.get_secret_value() if body.invite else None,
        address=address_of(request),
    )
    user = await signup.sign_up(auth.context, wanted)
    return _user_answer(request, user, status=201)


async def show_me(request: Request, user: CurrentUser, principal: CurrentPrincipal) -> Response:
    """Show the account."""
    await check_own_client(request, principal)
    return _user_answer(request, user)


async def change_me(request: Request, user: CurrentUser, principal: CurrentPrincipal, body: ChangeBody) -> Response:
    """Change the e-mail address, which needs a recent login, or the profile. Members that are left out stay."""
    await check_own_client(request, principal)
    auth = auth_of(request)
    if "email" in body.model_fields_set:
        _check_fresh(principal, auth.clock.now)
    changed = await account.change_profile(
        auth.context,
        user.id,
        email=body.email if "email" in body.model_fields_set else Keep.KEEP,
        merge=(lambda stored: merged_profile(stored, body, auth.profile_model)) if has_profile(body) else None,
    )
    return _user_answer(request, changed)


async def delete_me(request: Request, principal: FreshPrincipal) -> Response:
    """Delete the account for good. Needs a recent login."""
    await check_own_client(request, principal)
    await account.delete_account(auth_of(request).context, principal.subject)
    return Response(status_code=204)


async def change_password(request: Request, principal: CurrentPrincipal, body: PasswordBody) -> Response:
    """Change the password; needs the current one. On request ends every other session."""
    await check_own_client(request, principal)
    await account.change_password(
        auth_of(request).context,
        principal,
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
        end_other_sessions=body.end_other_sessions,
        address=address_of(request),
    )
    return Response(status_code=204)


async def list_sessions(request: Request, principal: CurrentPrincipal) -> Response:
    """List the sessions that are open, newest first."""
    await check_own_client(request, principal)
    live = await sessions.list_sessions(auth_of(request).context, principal.subject)
    return page(live, lambda session: session_members(session, current=principal.session_id))


async def end_session(request: Request, principal: CurrentPrincipal, session_id: IdInPath) -> Response:
    """End one session of one's own, with all its tokens."""
    await check_own_client(request, principal)
    if not await sessions.end_session(auth_of(request).context, principal.subject, session_id, reason="revoked"):
        raise NotFound("There is no such session.")
    return Response(status_code=204)


async def log_out(request: Request, principal: CurrentPrincipal, body: LogoutBody | None = None) -> Response:
    """End the session of this request, or every one, with all their tokens."""
    ctx = auth_of(request).context
    if body is not None and body.everywhere:
        await check_own_client(request, principal)
        await sessions.end_all_sessions(ctx, principal.subject, reason=_LOGOUT)
    elif principal.session_id is not None:
        await sessions.end_session(ctx, principal.subject, principal.session_id, reason=_LOGOUT)
    return Response(status_code=204)


def _check_fresh(principal: Principal, now: Callable[[], datetime]) -> None:
    breach = Rule(fresh=FRESH).find_breach(principal, now=now)
    if breach is not None:
        raise breach


def _user_answer(request: Request, user: User, *, status: int = 200) -> Response:
    return JSONResponse(user_members(user, auth_of(request).profile_model), status_code=status)
