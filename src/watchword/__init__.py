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

from typing import TYPE_CHECKING, Any

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
from watchword.version import __version__

if TYPE_CHECKING:
    from watchword.settings import Settings

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


def __getattr__(name: str) -> Any:  # noqa: ANN401  modules have no better type for it
    """Load `Settings` when it is first asked for: the reader of the environment takes a while to import."""
    if name == "Settings":
        from watchword.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
