"""A web application that logs people in through a provider. Start it twice, and one login serves both.

    python -m examples.web_app notes.json

`notes.json` is what `watchword clients add Notes ... --json` printed; the application listens where its redirect URI
leads. Tokens stay on the server: the browser has a cookie that says nothing. The API at the end is guarded by
Watchword. Logins are kept in memory, so one process serves; keep yours where all processes can read them.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import uvicorn
from examples.oidc_client import Provider, Refused, Registration
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from watchword import Auth, CurrentPrincipal, Principal

SOON = 30.0
"""Seconds before its end at which an access token is refreshed."""


@dataclass
class Login:
    """Somebody who is logged in here. `sid` is what the provider calls this login."""

    sid: str
    name: str
    tokens: Mapping[str, Any] = field(repr=False)
    expires_at: float
    refreshed: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


class WebApp:
    """What the application knows: who is logged in, and which logins have ended."""

    def __init__(self, client: Registration, http: httpx2.AsyncClient, api: str) -> None:
        self.client = client
        self.http = http
        self.api = api
        self.provider = Provider(client, http)
        self.logins: dict[str, Login] = {}
        self.ended: set[str] = set()
        self.cookie = f"login-{client.id}"  # one host's cookies are shared by all its ports

    def find(self, request: Request) -> Login | None:
        return self.logins.get(request.cookies.get(self.cookie, ""))

    async def log_in(self, answer: Mapping[str, str], ticket: str) -> str:
        """Finish a login; return the secret that its browser gets."""
        tokens, person = await self.provider.finish_login(answer, ticket)
        if person["sid"] in self.ended:
            raise Refused("This login has ended already.")
        secret = token_urlsafe(32)
        name = person.get("preferred_username", person["sub"])
        self.logins[secret] = Login(person["sid"], name, tokens, time.time() + tokens["expires_in"])
        return secret

    async def refresh(self, login: Login, *, within: float = SOON) -> None:
        """Get new tokens if the access token ends soon. One at a time: a refresh token can be spent once."""
        async with login.turn:
            if login.expires_at - time.time() < within:
                tokens = await self.provider.refresh(login.tokens["refresh_token"])
                login.tokens = {**login.tokens, **tokens}
                login.expires_at = time.time() + tokens["expires_in"]
                login.refreshed += 1

    async def ask_api(self, login: Login) -> dict[str, str]:
        """Call the API in the name of who is logged in."""
        await self.refresh(login)
        answer = await self.http.get(self.api, headers={"Authorization": f"Bearer {login.tokens['access_token']}"})
        said: dict[str, str] = answer.raise_for_status().json()
        return said

    def end(self, sid: str) -> None:
        """Forget a login, and remember that it has ended: its access token would be good for some minutes more."""
        self.ended.add(sid)
        self.logins = {secret: login for secret, login in self.logins.items() if login.sid != sid}


def web_app_of(request: Request) -> WebApp:
    app: WebApp = request.app.state.web_app
    return app


Here = Annotated[WebApp, Depends(web_app_of)]
router = APIRouter()


@router.get("/")
async def home(request: Request, app: Here) -> HTMLResponse:
    """Show who is logged in, and what the API says to them."""
    login, said = app.find(request), {}
    if login is not None:
        try:
            said = await app.ask_api(login)
        except (Refused, httpx2.HTTPStatusError):  # the login has ended at the provider
            app.end(login.sid)
            login = None
    was_here = app.cookie in request.cookies
    return HTMLResponse(PAGE.render(app=app, login=login, said=said, was_here=was_here))


@router.get("/login")
async def begin(app: Here) -> Response:
    """Send the browser to the provider, with a ticket that it must bring back."""
    began = await app.provider.begin_login()
    answer = RedirectResponse(began.url, 303)
    answer.set_cookie(f"{app.cookie}-ticket", began.ticket, max_age=600, httponly=True, samesite="lax")
    return answer


@router.get("/callback")
async def callback(request: Request, app: Here) -> Response:
    """Take the browser back, logged in."""
    ticket = request.cookies.get(f"{app.cookie}-ticket", "")
    try:
        secret = await app.log_in(request.query_params, ticket)
    except Refused as refusal:
        return HTMLResponse(PAGE.render(app=app, refusal=refusal), 400)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(app.cookie, secret, httponly=True, samesite="lax")  # and secure=True, once it is https
    answer.delete_cookie(f"{app.cookie}-ticket")
    return answer


@router.post("/refresh")
async def refresh(request: Request, app: Here) -> Response:
    """Refresh at once; by itself it happens shortly before the access token ends."""
    login = app.find(request)
    if login is not None:
        try:
            await app.refresh(login, within=float("inf"))
        except Refused:
            app.end(login.sid)
    return RedirectResponse("/", 303)


@router.post("/logout")
async def logout(request: Request, app: Here) -> Response:
    """Log out here and everywhere: the provider ends the login, and tells every application of it."""
    login = app.find(request)
    where = "/"
    if login is not None:
        app.end(login.sid)
        where = await app.provider.logout_url(login.tokens["id_token"])
    answer = RedirectResponse(where, 303)
    answer.delete_cookie(app.cookie)
    return answer


@router.post("/backchannel-logout")
async def hear_of_logout(request: Request, app: Here) -> Response:
    """Hear from the provider that a login has ended; no browser is involved."""
    sent = parse_qs((await request.body()).decode()).get("logout_token", [""])
    try:
        app.end(await app.provider.check_logout(sent[0]))
    except Refused as refusal:
        raise HTTPException(400, str(refusal)) from None
    return Response(headers={"Cache-Control": "no-store"})


async def check_login(who: CurrentPrincipal, app: Here) -> Principal:
    """Refuse the tokens of other applications, and those of a login that has ended."""
    if who.client_id != app.client.id or who.session_id in app.ended:
        raise HTTPException(401, "This login has ended.", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return who


@router.get("/api/greeting")
async def greet(who: Annotated[Principal, Depends(check_login)]) -> dict[str, str]:
    """Say who the bearer of an access token is: an API, which may as well be a program of its own."""
    return {"subject": who.subject, "until": f"{who.expires_at:%H:%M:%S} UTC"}


def create_app(client: Registration, auth: Auth, http: httpx2.AsyncClient, api: str = "") -> FastAPI:
    """Make the application of a client.

    `auth` guards its API and `http` sends its requests. `api` is the address that it calls, by default its own API.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with http:
            yield

    app = FastAPI(title=client.name, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.web_app = WebApp(client, http, api or client.redirect_uri.replace("/callback", "/api/greeting"))
    auth.install(app)
    app.include_router(router)
    return app


def main(file: str) -> None:
    """Serve the application that a file describes."""
    client = Registration.read(Path(file))
    auth: Auth = Auth.remote(issuer=client.issuer, audience=client.issuer)
    app = create_app(client, auth, httpx2.AsyncClient(), os.environ.get("API", ""))
    uvicorn.run(app, port=urlsplit(client.redirect_uri).port or 80)


PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ app.client.name }}</title>
<style>
  body { font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #1f2933 }
  dt { color: #52606d } dd { margin: 0 0 .8rem } form { display: inline }
  button, a.button { font: inherit; padding: .5rem 1rem; border: 1px solid #9aa5b1; border-radius: .5rem;
    background: #f5f7fa; color: inherit; text-decoration: none; cursor: pointer }
</style>
<h1>{{ app.client.name }}</h1>
{% if login %}
<p>You are signed in as <strong>{{ login.name }}</strong>.</p>
<dl>
  <dt>The API knows you as</dt><dd><code>{{ said.subject }}</code></dd>
  <dt>It takes your access token until</dt><dd>{{ said.until }}</dd>
  <dt>Tokens refreshed</dt><dd>{{ login.refreshed }} {{ "time" if login.refreshed == 1 else "times" }}</dd>
</dl>
<form method="post" action="/refresh"><button>Refresh now</button></form>
<form method="post" action="/logout"><button>Sign out everywhere</button></form>
{% else %}
{% if refusal %}<p role="alert">{{ refusal }}</p>
{% elif was_here %}<p role="alert">Your login has ended.</p>
{% else %}<p>You are not signed in.</p>{% endif %}
<p><a class="button" href="/login">Sign in</a></p>
{% endif %}
""")

if __name__ == "__main__":
    main(sys.argv[1])
