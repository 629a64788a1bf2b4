"""What every store keeps."""

from typing import TypeVar

from watchword.core.models.authorizations import AuthorizationCode, Consent, DeviceGrant, Resource
from watchword.core.models.grants import Client, RefreshFamily, SigningKey
from watchword.core.models.identity import Invite, Role, User
from watchword.core.models.sessions import BrowserSession, Revocation, Session

Kept = (
    User
    | Role
    | Invite
    | Session
    | BrowserSession
    | Client
    | RefreshFamily
    | SigningKey
    | Revocation
    | AuthorizationCode
    | DeviceGrant
    | Consent
    | Resource
)
"""A record of any kind."""
Record = TypeVar("Record", bound=Kept)
"""One kind of record."""
