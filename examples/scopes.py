"""Scopes: what a token may be used for, apart from what its owner may do.

    uvicorn examples.scopes:app

A login asks for scopes with `scope=me items`, as Swagger UI's Authorize does with its check boxes. A token that was
issued for `me` alone cannot read the items.
"""

from typing import Annotated

from fastapi import FastAPI, Security

from watchword import Auth, CurrentPrincipal, Principal, User, current_user, requires

app = FastAPI(title="Scopes")
auth = Auth(scopes={"me": "Read your own account", "items": "Read your items"})
auth.install(app)

Myself = Annotated[User, Security(current_user, scopes=["me"])]
"""The account of a caller whose token carries the scope `me`: FastAPI's own way to write it."""


@app.get("/users/me")
async def read_me(user: Myself) -> dict[str, str]:
    """Show the account; needs the scope `me`."""
    return {"username": user.username}


@app.get("/users/me/items", dependencies=[requires(scopes="items")])
async def read_items(user: Myself) -> list[dict[str, str]]:
    """List the caller's items; needs the scopes `me` and `items`."""
    return [{"name": "Lantern", "owner": user.username}]


@app.get("/users/me/export")
async def export(who: Annotated[Principal, requires(scopes=["me", "items"])]) -> dict[str, list[str]]:
    """The same need in one call, and what a token carries, without reading the account."""
    return {"scopes": sorted(who.scopes)}


@app.get("/status")
async def status(_who: CurrentPrincipal) -> dict[str, str]:
    """Answer any signed-in caller, whatever the scopes of the token."""
    return {"status": "ok"}
