"""Roles and permissions: what a person may do, with every route closed unless it says otherwise.

    uvicorn examples.roles:app

Make the first administrator, a role with a permission, and give it to someone:

    echo 'a long password of your own' | watchword users add grace --role admin --password-stdin
    watchword roles add analyst --permission reports:read
    watchword roles grant analyst ada
"""

from fastapi import APIRouter, FastAPI

from watchword import Auth, CurrentPrincipal, CurrentUser, public, requires

app = FastAPI(title="Roles")
auth = Auth()
auth.install(app, default="deny")

staff = APIRouter(prefix="/staff", dependencies=[requires(role="staff")], tags=["staff"])
"""One guard for every route of the router."""


@staff.get("/rota")
async def rota() -> list[str]:
    """Show who works when."""
    return ["Monday: ada", "Tuesday: grace"]


@staff.get("/hello")
async def hello(user: CurrentUser) -> dict[str, str]:
    """Greet a member of the staff: the router's guard and the account, in one request."""
    return {"hello": user.username}


@app.get("/health")
@public
async def health() -> dict[str, str]:
    """Answer everyone: the one route here that says so."""
    return {"status": "ok"}


@app.get("/whoami")
async def whoami(who: CurrentPrincipal) -> dict[str, list[str]]:
    """Show the caller's roles and what they permit."""
    return {"roles": sorted(who.roles), "permissions": sorted(who.permissions)}


@app.get("/admin/stats", dependencies=[requires(role="admin")])
async def stats() -> dict[str, int]:
    """Count the reports; for administrators."""
    return {"reports": 3}


@app.get("/reports", dependencies=[requires(permission="reports:read")])
async def reports() -> list[str]:
    """List the reports; for holders of any role with the permission `reports:read`."""
    return ["March", "April", "May"]


@app.get("/reports/latest", dependencies=[requires(permission="reports:read") | requires(role="admin")])
async def latest_report() -> str:
    """Show the newest report: one of the two is enough."""
    return "May"


@app.get("/notes")
async def notes() -> list[str]:
    """Nothing guards this route by name, so default deny asks for a signed-in caller."""
    return ["Closed unless public."]


app.include_router(staff)
