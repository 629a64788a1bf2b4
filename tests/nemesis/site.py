"""Small applications over Watchword for the tests, with clocks and lifetimes that settings do not have."""

from typing import Any

from fastapi import FastAPI
from tests.nemesis.clocks import clock_of
from tests.nemesis.world import config_of

from watchword import Auth, CurrentPrincipal
from watchword.server.health import add_health


def build_site(role: str, url: str, *, clock: dict[str, float] | None = None, **options: Any) -> FastAPI:
    """`issuer` has accounts in the database at `url`; `resource` takes the tokens of the issuer at `url`."""
    app = FastAPI()
    auth = _auth_of(role, url, clock or {}, options)
    auth.install(app)
    add_health(app, auth)

    @app.get("/who")
    async def who(principal: CurrentPrincipal) -> dict[str, str]:
        return {"subject": principal.subject}

    return app


def _auth_of(role: str, url: str, clock: dict[str, float], options: dict[str, Any]) -> Auth:
    if role == "resource":
        return Auth.remote(issuer=url, clock=clock_of(clock), allow_private_addresses=True, **options)
    return Auth(config_of(url, **options), clock=clock_of(clock))
