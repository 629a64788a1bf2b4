"""Authentication and authorization for FastAPI: from one protected route to an OAuth 2.1 server.

from fastapi import FastAPI
from watchword import Auth, CurrentUser

app = FastAPI()
auth = Auth()
auth.install(app)

@app.get("/me")
async def me(user: CurrentUser) -> dict[str, str]:
    return {"username": user.username}
"""

from watchword.config import AuthConfig
from watchword.core.errors import ConfigError
from watchword.core.models.events import (
    LoginRefused,
    PasswordChanged,
    RefreshReplayed,
    SessionEnded,
    UserDeleted,
    UserDisabled,
    UserEnabled,
    UserLoggedIn,
    UserSignedUp,
)
from watchword.core.models.identity import Principal, Scope, User
from watchword.fastapi.auth import Auth
from watchword.fastapi.current import CurrentPrincipal, CurrentUser, MaybePrincipal
from watchword.fastapi.guard import current_principal, current_user
from watchword.fastapi.public import public
from watchword.fastapi.requires import requires
from watchword.settings import Settings
from watchword.version import __version__

__all__ = [
    "Auth",
    "AuthConfig",
    "ConfigError",
    "CurrentPrincipal",
    "CurrentUser",
    "LoginRefused",
    "MaybePrincipal",
    "PasswordChanged",
    "Principal",
    "RefreshReplayed",
    "Scope",
    "SessionEnded",
    "Settings",
    "User",
    "UserDeleted",
    "UserDisabled",
    "UserEnabled",
    "UserLoggedIn",
    "UserSignedUp",
    "__version__",
    "current_principal",
    "current_user",
    "public",
    "requires",
]
