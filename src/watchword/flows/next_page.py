"""What a person has to do next in an interaction, as a page; at its end, the answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from watchword.core.errors import OAuthError
from watchword.core.models.authorizations import Consent, Resource
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.models.grants import Client
from watchword.core.oauth.consent_rules import ConsentAsk, asked_for, merge_consent, needs_consent, what_is_new
from watchword.core.oauth.device_codes import show_user_code
from watchword.core.oauth.prompt_rules import Login, Progress, Step, next_step
from watchword.core.oauth.redirect_uris import host_of, origin_of
from watchword.core.oauth.scopes import format_scope
from watchword.flows.access_tokens import allowed_scopes
from watchword.flows.authorize_answers import refuse_request
from watchword.flows.browser_session import Presence
from watchword.flows.consent import consent_policy
from watchword.flows.context import Context
from watchword.flows.device_decision import approve_device
from watchword.flows.new_code import answer_with_code
from watchword.flows.outcomes import Answer, ShowAccount, ShowConsent, ShowError, ShowLogin, View
from watchword.flows.pending import Pending, seal
from watchword.flows.subjects import subject_for


@dataclass(frozen=True, slots=True)
class Turn:
    """An interaction at a moment: who is there, what the client would get, and what was consented to before."""

    client: Client
    pending: Pending
    presence: Presence | None
    scopes: frozenset[str] = frozenset()
    stored: Consent | None = None

    @property
    def ask(self) -> ConsentAsk:
        """What the person must consent to."""
        return asked_for(self.pending.request, self.scopes)


async def go_on(
    ctx: Context, client: Client, pending: Pending, presence: Presence | None, *, consented: bool = False
) -> Answer:
    """Return the next page, or the answer to the client. `consented` says that the person has just allowed it."""
    turn = await _look(ctx, client, pending, presence)
    try:
        step = _find_step(ctx, turn, consented=consented and _was_shown(turn))
        return _with_cookie(await _STEPS[step](ctx, turn), presence)
    except OAuthError as error:
        return _with_cookie(refusal(ctx, pending, error), presence)


def refusal(ctx: Context, pending: Pending, error: OAuthError) -> Answer:
    """Return an error for the client, or for a device, which has no redirect URI, a page."""
    return Answer(ShowError(error)) if pending.device_hash is not None else refuse_request(ctx, error, pending.request)


async def _look(ctx: Context, client: Client, pending: Pending, presence: Presence | None) -> Turn:
    if presence is None:
        return Turn(client, pending, None)
    scopes = allowed_scopes(ctx, pending.request.scopes, user=presence.user, client=client)
    return Turn(client, pending, presence, scopes, await ctx.stores.consents.find(presence.user.id, client.id))


def _find_step(ctx: Context, turn: Turn, *, consented: bool) -> Step:
    request, presence = turn.pending.request, turn.presence
    return next_step(
        request,
        _login(ctx, turn.client, presence) if presence else None,
        needs_consent=needs_consent(request, turn.ask, turn.stored, policy=_policy(ctx, turn)),
        now=ctx.clock.now(),
        hinted_subject=turn.pending.hinted_subject,
        progress=_progress(turn, consented=consented),
    )


def _policy(ctx: Context, turn: Turn) -> ConsentPolicy:
    """A device is always asked about: who began it may be somebody else (RFC 8628 section 5.4)."""
    return ConsentPolicy.ALWAYS if turn.pending.device_hash is not None else consent_policy(ctx, turn.client)


def _login(ctx: Context, client: Client, presence: Presence) -> Login:
    session = presence.session
    return Login(subject=subject_for(ctx, client, presence.user.id), auth_time=session.auth_time, acr=session.acr)


def _progress(turn: Turn, *, consented: bool) -> Progress:
    """What was done in this interaction counts only for the login in which it was done."""
    pending, presence = turn.pending, turn.presence
    if presence is None or presence.session.id != pending.browser_id:
        return Progress()
    authenticated = pending.authenticated_at is not None and presence.session.auth_time >= pending.authenticated_at
    return Progress(authenticated=authenticated, selected=pending.selected, consented=consented)


def _was_shown(turn: Turn) -> bool:
    """Whether the consent page listed everything that the client would get now."""
    shown = turn.pending.shown_scopes
    return shown is not None and turn.scopes <= shown


async def _show_login(ctx: Context, turn: Turn) -> Answer:
    return Answer(ShowLogin(_view(ctx, turn, turn.pending)))


async def _show_login_again(ctx: Context, turn: Turn) -> Answer:
    return Answer(ShowLogin(_view(ctx, turn, turn.pending), _name(turn)))


async def _show_account(ctx: Context, turn: Turn) -> Answer:
    return Answer(ShowAccount(_view(ctx, turn, turn.pending), _name(turn)))


async def _show_consent(ctx: Context, turn: Turn) -> Answer:
    presence, ask = turn.presence, turn.ask
    assert presence is not None  # noqa: S101  nobody is asked who is not there
    pending = replace(turn.pending, browser_id=presence.session.id, shown_scopes=turn.scopes)
    return Answer(
        ShowConsent(
            _view(ctx, turn, pending),
            presence.user.username,
            tuple(ctx.scopes[name] for name in format_scope(ask.scopes).split()),
            tuple(ctx.resources.find(uri) or Resource(uri=uri) for uri in turn.pending.request.resource),
            tuple(sorted(ask.claims)),
            show_user_code(pending.user_code) if pending.user_code else "",
        )
    )


async def _issue(ctx: Context, turn: Turn) -> Answer:
    presence, pending = turn.presence, turn.pending
    assert presence is not None  # noqa: S101  nothing is issued to nobody
    await _remember(ctx, turn, presence.user.id)
    if pending.device_hash is not None:
        return await approve_device(ctx, turn.client, pending.device_hash, presence, turn.scopes)
    return await answer_with_code(ctx, turn.client, pending.request, presence, turn.scopes)


async def _remember(ctx: Context, turn: Turn, user_id: str) -> None:
    """Store what was consented to, if any of it is new. Of who is never asked, only claims: userinfo reads them."""
    policy, ask = _policy(ctx, turn), turn.ask
    kept = ConsentAsk(claims=ask.claims) if policy is ConsentPolicy.NEVER else ask
    known = turn.stored is not None or policy is ConsentPolicy.NEVER
    if turn.pending.device_hash is not None or (known and what_is_new(kept, turn.stored).is_empty):
        return
    now, client_id = ctx.clock.now(), turn.client.id
    await ctx.stores.consents.put(merge_consent(kept, turn.stored, user_id=user_id, client_id=client_id, now=now))


_STEPS: Mapping[Step, Callable[[Context, Turn], Awaitable[Answer]]] = MappingProxyType(
    {
        Step.LOGIN: _show_login,
        Step.REAUTHENTICATE: _show_login_again,
        Step.SELECT_ACCOUNT: _show_account,
        Step.CONSENT: _show_consent,
        Step.ISSUE: _issue,
    }
)


def _view(ctx: Context, turn: Turn, pending: Pending) -> View:
    request = pending.request
    return View(
        interaction=seal(ctx, replace(pending, refused=False, typed="")),
        refused=pending.refused,
        typed=pending.typed,
        client=turn.client,
        redirect_host=host_of(request.redirect_uri) if request.redirect_uri else "",
        redirect_origin=origin_of(request.redirect_uri) if request.redirect_uri else "",
        login_hint=request.login_hint or "",
        ui_locales=request.ui_locales,
        display=request.display,
    )


def _name(turn: Turn) -> str:
    return turn.presence.user.username if turn.presence else ""


def _with_cookie(answer: Answer, presence: Presence | None) -> Answer:
    return answer if presence is None or presence.cookie is None else replace(answer, cookie=presence.cookie)
