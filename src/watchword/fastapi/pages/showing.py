"""Outcomes of the flows as answers to the browser: one page, or one redirection, for each kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from watchword.core.oauth.redirect_uris import origin_of
from watchword.fastapi.pages.errors import show_error
from watchword.fastapi.pages.form_guard import form_token
from watchword.fastapi.pages.messages import Texts
from watchword.fastapi.pages.policy import page_headers
from watchword.fastapi.pages.render import Pages
from watchword.fastapi.pages.views import FieldError, client_view, form_origins, plain, scope_lines
from watchword.flows.browser import Browser
from watchword.flows.context import Context
from watchword.flows.login import LONGEST_NAME
from watchword.flows.outcomes import (
    FormPost,
    GoOn,
    Outcome,
    Redirect,
    ShowAccount,
    ShowConsent,
    ShowDevice,
    ShowDeviceDone,
    ShowError,
    ShowLogin,
    View,
)

LOGIN, SIGN_UP, CHOOSE, CONSENT = "login", "create-account", "choose-account", "consent"
DEVICE, SIGN_OUT = "device", "sign-out"
"""Our forms: the token of one fits no other. They are the last part of the paths that they are sent to."""
CONTINUE = "continue"
REDIRECT_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to the pages, with what an answer needs."""

    request: Request
    ctx: Context
    pages: Pages
    browser: Browser

    def texts(self, view: View | None = None) -> Texts:
        """Return the texts in the language that the application asked for, or the browser."""
        wanted = view.ui_locales if view else self.request.query_params.get("ui_locales", "").split()
        return self.pages.texts(self.request, wanted)

    def form(self, name: str, interaction: str = "") -> dict[str, str]:
        """Return the hidden fields of one of our forms."""
        return {"interaction": interaction, "token": form_token(self.ctx.secrets, name, self.browser.nonce)}


def show(visit: Visit, outcome: Outcome) -> Response:
    """Return the answer to the browser."""
    return SHOWN[type(outcome)](visit, outcome)


def _redirect(_visit: Visit, outcome: Redirect) -> Response:
    return Response(status_code=303, headers={**REDIRECT_HEADERS, "Location": outcome.url})


def _go_on(visit: Visit, outcome: GoOn) -> Response:
    place = f"{visit.pages.path(visit.request, CONTINUE)}?interaction={outcome.interaction}"
    return Response(status_code=303, headers={**REDIRECT_HEADERS, "Location": place})


def _form_post(visit: Visit, outcome: FormPost) -> Response:
    headers = page_headers(forms=[origin_of(outcome.action)], script=True)
    values = {"action": outcome.action, "fields": dict(outcome.fields)}
    return visit.pages.show(visit.request, "form_post.html", visit.texts(), values, headers=headers)


def show_login(
    visit: Visit, outcome: ShowLogin, *, errors: Sequence[FieldError] = (), username: str = "", status: int = 200
) -> Response:
    """Return the login page, with what was wrong the last time."""
    interaction = outcome.view.interaction
    values = {
        "errors": errors,
        "username": outcome.username or username or plain(outcome.view.login_hint, longest=LONGEST_NAME),
        "locked": bool(outcome.username),
        "signup_open": visit.ctx.config.signup != "closed",
        "form": visit.form(LOGIN, interaction),
        "signup_form": visit.form(SIGN_UP, interaction),
        "cancel_form": visit.form(CONSENT, interaction),
    }
    return _page(visit, outcome.view, "login.html", values, status=status)


def show_sign_up(
    visit: Visit, view: View, *, errors: Sequence[FieldError] = (), typed: Mapping[str, str], status: int = 200
) -> Response:
    """Return the sign-up page, with what was typed but for the password. The first wrong field has the focus."""
    names = ("username", "email", "invite")
    values = {
        **{name: typed.get(name, "") for name in names},
        "errors": errors,
        "focus": next((error.field for error in errors if error.field), "username"),
        "min_length": visit.ctx.config.passwords.min_length,
        "ask_invite": visit.ctx.config.signup == "invite" or bool(typed.get("invite")),
        "form": visit.form(SIGN_UP, view.interaction),
        "login_form": visit.form(LOGIN, view.interaction),
    }
    return _page(visit, view, "signup.html", values, status=status)


def _account(visit: Visit, outcome: ShowAccount) -> Response:
    values = {"username": plain(outcome.username), "form": visit.form(CHOOSE, outcome.view.interaction)}
    return _page(visit, outcome.view, "account.html", values)


def _consent(visit: Visit, outcome: ShowConsent) -> Response:
    values = {
        "username": plain(outcome.username),
        "lines": scope_lines(visit.texts(outcome.view), outcome.scopes, outcome.claims),
        "resources": [plain(resource.name) or plain(resource.uri) for resource in outcome.resources],
        "redirect_host": plain(outcome.view.redirect_host),
        "user_code": outcome.user_code,
        "form": visit.form(CONSENT, outcome.view.interaction),
    }
    return _page(visit, outcome.view, "consent.html", values)


def _device(visit: Visit, outcome: ShowDevice) -> Response:
    texts = visit.texts()
    errors = [FieldError("user_code", texts("device.wrong"))] if outcome.wrong else []
    values = {"errors": errors, "user_code": outcome.user_code, "form": visit.form(DEVICE)}
    return visit.pages.show(visit.request, "device.html", texts, values, status=400 if outcome.wrong else 200)


def _device_done(visit: Visit, outcome: ShowDeviceDone) -> Response:
    values = {"allowed": outcome.allowed, "client": client_view(outcome.client)}
    return visit.pages.show(visit.request, "device_done.html", visit.texts(), values)


def _error(visit: Visit, outcome: ShowError) -> Response:
    return show_error(visit.request, visit.pages, outcome.error)


def _page(visit: Visit, view: View, template: str, values: Mapping[str, object], *, status: int = 200) -> Response:
    origins = [view.redirect_origin, *form_origins(view.client)]
    return visit.pages.show(
        visit.request,
        template,
        visit.texts(view),
        {"client": client_view(view.client), **values},
        status=status,
        headers=page_headers(forms=origins),
    )


SHOWN: Mapping[type, Callable[[Visit, Any], Response]] = MappingProxyType(
    {
        Redirect: _redirect,
        GoOn: _go_on,
        FormPost: _form_post,
        ShowLogin: show_login,
        ShowAccount: _account,
        ShowConsent: _consent,
        ShowDevice: _device,
        ShowDeviceDone: _device_done,
        ShowError: _error,
    }
)
