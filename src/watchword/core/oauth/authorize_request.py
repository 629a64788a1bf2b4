"""Authorization requests: what they are, and where their answer may go (RFC 6749 4.1.1, OpenID Connect Core 3.1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watchword.core.authorize_errors import InvalidRedirectUri
from watchword.core.errors import InvalidRequest
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.identity import EMPTY
from watchword.core.oauth.parameters import Parameters
from watchword.core.oauth.redirect_uris import matches


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """An authorization request that satisfies every rule that needs no person.

    `response_type` has its words sorted; `scopes` are those asked for, not yet cut to what may be granted; `max_age`
    is in seconds, the client's default already applied; `claims` are as `claims_rules.parse_claims` returns them.
    `redirect_uri_given` says whether the request named it, so that the token request must too.
    """

    client_id: str
    redirect_uri: str
    redirect_uri_given: bool = True
    response_type: str = "code"
    response_mode: str = "query"
    scopes: frozenset[str] = frozenset()
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str | None = None
    id_token_hint: str | None = field(default=None, repr=False)
    ui_locales: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    display: str = "page"
    claims: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    resource: tuple[str, ...] = ()
    dpop_jkt: str | None = None

    @property
    def is_openid(self) -> bool:
        """Whether an ID token comes of it."""
        return "openid" in self.scopes

    @property
    def wants_code(self) -> bool:
        """Whether the response carries a code."""
        return "code" in self.response_type.split(" ")

    @property
    def wants_token(self) -> bool:
        """Whether the response itself carries an access token (certification only)."""
        return "token" in self.response_type.split(" ")

    @property
    def wants_id_token(self) -> bool:
        """Whether the response itself carries an ID token (certification only)."""
        return "id_token" in self.response_type.split(" ")


def find_redirect(parameters: Parameters, metadata: ClientMetadata) -> str:
    """Return where the answer goes. Asked before every other rule: while this fails, nothing is redirected anywhere.

    Only an OAuth request of a client with one redirect URI may leave it out (RFC 6749 section 3.1.2.3); OpenID Connect
    Core section 3.1.2.1 requires it.

    Raises:
        InvalidRedirectUri: the one it names is not registered.
        InvalidRequest: it names none, but must.
    """
    requested = parameters.get("redirect_uri")
    if requested is None:
        if parameters.is_openid or len(metadata.redirect_uris) != 1:
            raise InvalidRequest(hint="no redirect_uri")
        return metadata.redirect_uris[0]
    if not matches(metadata.redirect_uris, requested, application_type=metadata.application_type):
        raise InvalidRedirectUri(hint="a redirect_uri that is not registered")
    return requested
