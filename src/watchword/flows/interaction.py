"""What people send from the hosted pages: a login, a sign-up, a choice, a decision. The same for browsers and devices.

Every form carries its interaction. Whatever it sends, the next step is found anew, from what is stored now.
"""

from dataclasses import replace

from watchword.core.authorize_errors import AccessDenied, InteractionExpired
from watchword.core.errors import InvalidRequest
from watchword.core.models.events import UserLoggedIn
from watchword.core.models.grants import Client
from watchword.flows.authorize import get_authorizing_client
from watchword.flows.browser import Browser
from watchword.flows.browser_session import Presence, begin_login, find_login
from watchword.flows.context import Context
from watchword.flows.device_decision import deny_device
from watchword.flows.login import LONGEST_NAME, authenticate_password
from watchword.flows.next_page import go_on, refusal
from watchword.flows.outcomes import Answer, GoOn
from watchword.flows.pending import Pending, seal, unseal
from watchword.flows.signup import SignUp
from watchword.flows.signup import sign_up as make_account


async def resume(ctx: Context, interaction: str, browser: Browser) -> Answer:
    """Return the page of an interaction once more. Raises `InteractionExpired`."""
    pending, client = await _open(ctx, interaction, browser)
    return await go_on(ctx, client, pending, await find_login(ctx, browser.cookie))


async def login(ctx: Context, interaction: str, browser: Browser, *, username: str, password: str) -> Answer:
    """Authenticate a person, as the token endpoint does: the same limits, pool and times. The answer is to go on.

    Raises:
        InteractionExpired: the page is too old, or another browser's.
        InvalidGrant: wrong credentials, the same for every reason.
        TooManyRequests, Unavailable: not now.
    """
    pending, client = await _open(ctx, interaction, browser)
    user = await authenticate_password(ctx, username, password, browser.address)
    presence = await begin_login(ctx, user, browser)
    _tell(ctx, presence, client, browser)
    return _authenticated(ctx, pending, presence)


def login_again(ctx: Context, interaction: str, browser: Browser, *, username: str) -> Answer:
    """Return the way to the login page, which says then that this login was wrong. Raises `InteractionExpired`."""
    pending = unseal(ctx, interaction, browser)
    return Answer(GoOn(seal(ctx, replace(pending, refused=True, typed=username[:LONGEST_NAME]))))


async def sign_up(ctx: Context, interaction: str, browser: Browser, request: SignUp) -> Answer:
    """Make an account and log it in. Raises as `signup.sign_up` does, and `InteractionExpired`."""
    pending, client = await _open(ctx, interaction, browser)
    user = await make_account(ctx, replace(request, address=browser.address))
    presence = await begin_login(ctx, user, browser)
    _tell(ctx, presence, client, browser)
    return _authenticated(ctx, pending, presence)


async def choose(ctx: Context, interaction: str, browser: Browser) -> Answer:
    """Go on as the account that is logged in. Raises `InteractionExpired`."""
    pending, client = await _open(ctx, interaction, browser)
    presence = await find_login(ctx, browser.cookie)
    if presence is not None:
        pending = replace(pending, browser_id=presence.session.id, selected=True)
    return await go_on(ctx, client, pending, presence)


async def decide(ctx: Context, interaction: str, browser: Browser, *, allow: bool) -> Answer:
    """Take the decision of a consent page. It counts only in the login that the page was shown to.

    Raises `InteractionExpired`.
    """
    if not allow:
        return await cancel(ctx, interaction, browser)
    pending, client = await _open(ctx, interaction, browser)
    presence = await find_login(ctx, browser.cookie)
    return await go_on(ctx, client, pending, presence, consented=True)


async def cancel(ctx: Context, interaction: str, browser: Browser) -> Answer:
    """Go back to the client without an authorization. Raises `InteractionExpired`."""
    pending, client = await _open(ctx, interaction, browser)
    if pending.device_hash is not None:
        return await deny_device(ctx, client, pending.device_hash, await find_login(ctx, browser.cookie))
    return refusal(ctx, pending, AccessDenied(hint="the person refused"))


async def _open(ctx: Context, interaction: str, browser: Browser) -> tuple[Pending, Client]:
    pending = unseal(ctx, interaction, browser)
    try:
        client = await get_authorizing_client(ctx, pending.request.client_id)
    except InvalidRequest as error:
        raise InteractionExpired(hint=error.hint) from None
    return pending, client


def _authenticated(ctx: Context, pending: Pending, presence: Presence) -> Answer:
    session = presence.session
    done = replace(pending, browser_id=session.id, authenticated_at=session.auth_time, selected=True)
    return Answer(GoOn(seal(ctx, done)), presence.cookie)


def _tell(ctx: Context, presence: Presence, client: Client, browser: Browser) -> None:
    session = presence.session
    ctx.events.publish(
        UserLoggedIn(
            at=session.auth_time,
            user_id=session.user_id,
            session_id=session.id,
            client_id=client.id,
            address=browser.address,
        )
    )
