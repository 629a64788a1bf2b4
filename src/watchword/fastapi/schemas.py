"""The JSON of our own endpoints. Request bodies are strict and take no unknown member: no mass assignment."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

T = TypeVar("T")

MAX_NAME = 128
PERMISSION = r"^[\x21\x23-\x5B\x5D-\x7E]+$"
ROLE = r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"

Username = Annotated[str, Field(min_length=1, max_length=MAX_NAME, examples=["alice"])]
Email = Annotated[str, Field(min_length=1, max_length=320, examples=["alice@example.com"])]
Password = Annotated[SecretStr, Field(max_length=1024)]
"""Its length is the policy's matter; this only bounds the work."""
RoleName = Annotated[str, Field(min_length=1, max_length=64, pattern=ROLE, examples=["editor"])]
Permission = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=PERMISSION, examples=["items:write"])]
IdInPath = Annotated[str, Path(max_length=MAX_NAME)]
RoleInPath = Annotated[str, Path(max_length=64, pattern=ROLE)]
Limit = Annotated[int, Query(ge=1, le=100, description="How many to return at most")]
Cursor = Annotated[str | None, Query(max_length=256, description="`next` of the page before")]


class Body(BaseModel):
    """A request body: no unknown member, no conversion of types, no value in an error or a repr."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, frozen=True)


class SignUpBody(Body):
    """A new account."""

    username: Username
    password: Password
    email: Email | None = None
    invite: Annotated[SecretStr, Field(max_length=256)] | None = None


class ChangeBody(Body):
    """What a person changes about their account; what is left out stays. `email: null` removes the address."""

    email: Email | None = None


class PasswordBody(Body):
    """A new password, and the current one as proof."""

    current_password: Password
    new_password: Password
    end_other_sessions: bool = False


class LogoutBody(Body):
    """Which sessions to end."""

    everywhere: bool = False


class NewUserBody(Body):
    """A new account, made by an administrator."""

    username: Username
    password: Password
    email: Email | None = None
    roles: Annotated[list[RoleName], Field(max_length=32)] = []


class DisableBody(Body):
    """Disable or enable an account."""

    disabled: bool


class RoleBody(Body):
    """A role's permissions."""

    permissions: Annotated[list[Permission], Field(max_length=256)] = []
    description: Annotated[str, Field(max_length=512)] = ""


class InviteBody(Body):
    """The roles that an invited person gets."""

    roles: Annotated[list[RoleName], Field(max_length=32)] = []


class RotateBody(Body):
    """Whether the new key signs at once (in an emergency), and whose it is: by default that of access tokens."""

    immediately: bool = False
    algorithm: Literal["HS256", "RS256", "PS256", "ES256", "EdDSA"] | None = None


class UserAnswer(BaseModel):
    """An account, as its owner and administrators see it."""

    id: str
    username: str
    email: str | None
    email_verified: bool
    disabled: bool
    roles: list[str]
    created_at: datetime
    updated_at: datetime
    profile: dict[str, Any]


class SessionAnswer(BaseModel):
    """One login. `current` is that of the request."""

    id: str
    client_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str
    current: bool


class RoleAnswer(BaseModel):
    """A role."""

    name: str
    permissions: list[str]
    description: str


class InviteAnswer(BaseModel):
    """A new invitation. Its secret is shown this once."""

    invite: str


class KeyAnswer(BaseModel):
    """A signing key, without any key material."""

    kid: str
    algorithm: str
    generation: int
    created_at: datetime
    signs_from: datetime
    revoked_at: datetime | None


class Page(BaseModel, Generic[T]):
    """Part of a list. `next` is the cursor of the next page, or null at the end."""

    items: list[T]
    next: str | None = None


class TokenAnswer(BaseModel):
    """Tokens (RFC 6749 section 5.1). `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    refresh_token: str | None = None
    scope: str


class IntrospectionAnswer(BaseModel):
    """What a token is worth (RFC 7662 section 2.2), with its claims. Of one not active, nothing more is said."""

    model_config = ConfigDict(extra="allow")
    active: bool
    client_id: str | None = None
    sub: str | None = None
    scope: str | None = None
    exp: int | None = None


class OAuthErrorAnswer(BaseModel):
    """An error of the protocol (RFC 6749 section 5.2)."""

    error: str
    error_description: str


class FieldError(BaseModel):
    """What is wrong with one field, dotted where it is nested."""

    field: str
    message: str


class WatchwordProblem(BaseModel):
    """A problem document (RFC 9457). Its name is ours, so that no model of an application has it too."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] | None = None
    required_scopes: list[str] | None = None
    missing_scopes: list[str] | None = None
