"""The scopes of OpenID Connect (Core sections 3.1.2.1, 5.4 and 11), with what people are told of them."""

from collections.abc import Mapping
from types import MappingProxyType

from watchword.core.models.identity import Scope

_SCOPES = (
    Scope(name="openid", description="Know who you are"),
    Scope(name="profile", description="See your name and profile"),
    Scope(name="email", description="See your e-mail address"),
    Scope(name="address", description="See your postal address"),
    Scope(name="phone", description="See your phone number"),
    Scope(name="offline_access", description="Keep access while you are away"),
)
OPENID_SCOPES: Mapping[str, Scope] = MappingProxyType({scope.name: scope for scope in _SCOPES})
