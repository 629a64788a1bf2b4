"""The smallest useful application: who you are, a route for a role, a route for a scope.

    uvicorn examples.minimal:app

Then open http://localhost:8000/docs. Accounts are kept in `watchword.db` in the current directory.
"""

from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel

from watchword import Auth, CurrentUser, Principal, requires


class Item(BaseModel):
    """Something that the application offers."""

    id: int
    name: str


ITEMS = [Item(id=1, name="Lantern"), Item(id=2, name="Compass")]

app = FastAPI(title="Minimal")
auth = Auth(scopes={"items:read": "Read the items"})
auth.install(app)


@app.get("/me")
async def me(user: CurrentUser) -> dict[str, str]:
    """Show who is calling."""
    return {"username": user.username}


@app.get("/admin/stats", dependencies=[requires(role="admin")])
async def stats() -> dict[str, int]:
    """Count the items; for administrators."""
    return {"items": len(ITEMS)}


@app.get("/items")
async def items(_who: Annotated[Principal, requires(scopes="items:read")]) -> list[Item]:
    """List the items; needs the scope `items:read`."""
    return ITEMS
