"""A resource server: the same guards over access tokens that another issuer signed.

    ISSUER=http://localhost:8000 AUDIENCE=http://localhost:8000 uvicorn examples.resource_server:app --port 9000

Here the issuer is another Watchword; it may as well be Keycloak, Auth0, Okta, Cognito, Entra ID or Google. This
application has no accounts, no database and no secret. It fetches the issuer's public keys and verifies tokens by them.
"""

import os
from typing import Annotated

from fastapi import APIRouter, FastAPI

from watchword import Auth, CurrentPrincipal, MaybePrincipal, Principal, requires

router = APIRouter()


@router.get("/whoami")
async def whoami(who: CurrentPrincipal) -> dict[str, str]:
    """Show what the token says of its bearer."""
    return {"subject": who.subject, "issuer": who.issuer, "client": who.client_id}


@router.get("/hello")
async def hello(who: MaybePrincipal) -> dict[str, str]:
    """Greet anyone, signed in or not. A bad token is refused all the same."""
    return {"hello": who.subject if who else "stranger"}


@router.get("/items")
async def items(_who: Annotated[Principal, requires(scopes="items:read")]) -> list[str]:
    """List the items; needs the scope `items:read`."""
    return ["Lantern", "Compass"]


@router.get("/admin/stats", dependencies=[requires(role="admin")])
async def stats() -> dict[str, int]:
    """Count the items; for administrators, as the issuer names them."""
    return {"items": 2}


def create_app(auth: Auth) -> FastAPI:
    """Make the application around an `Auth`, so that tests can bring an issuer of their own."""
    app = FastAPI(title="Resource server")
    auth.install(app)
    app.include_router(router)
    return app


HERE = "http://localhost:8000"

app = create_app(Auth.remote(issuer=os.environ.get("ISSUER", HERE), audience=os.environ.get("AUDIENCE", HERE)))
