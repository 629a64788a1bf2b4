"""Everything that an authorization request must satisfy (RFC 6749 4.1.1, RFC 7636, OpenID Connect Core 3.1.2.1).

What is refused here is told to the client by redirection, since where to is known already.
"""

import re
from collections.abc import Container
from dataclasses import replace

from watchword.core.authorize_errors import RegistrationNotSupported, UnsupportedResponseType
from watchword.core.errors import InvalidRequest, InvalidScope, UnauthorizedClient
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.identity import EMPTY
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.claims_rules import parse_claims
from watchword.core.oauth.parameters import Parameters
from watchword.core.oauth.pkce import check_challenge
from watchword.core.oauth.resources import check_resources
from watchword.core.oauth.response_modes import RESPONSE_TYPES, modes_of, sort_response_type
from watchword.core.oauth.scopes import parse_scope
from watchword.core.tokens import base64url

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
DISPLAYS = ("page", "popup", "touch", "wap")
MAX_NONCE = 512
_MOST_WORDS = 16
_SECONDS = re.compile(r"[0-9]{1,9}")
_THUMBPRINT = 32


def check_request(
    parameters: Parameters,
    *,
    redirect_uri: str,
    metadata: ClientMetadata,
    resources: Container[str],
    default_scopes: frozenset[str] = frozenset(),
) -> AuthorizeRequest:
    """Return the request that these parameters make, a request object merged already; unknown ones are ignored.

    `redirect_uri` is what `find_redirect` returned, `metadata` the client's, `resources` the URIs that this server
    makes tokens for, `default_scopes` what a request without a scope asks for.

    Raises:
        OAuthError: one of those imported here, or InvalidTarget.
    """
    response_type = _check_response_type(parameters, metadata)
    request = AuthorizeRequest(
        client_id=parameters.get("client_id") or "",
        redirect_uri=redirect_uri,
        redirect_uri_given="redirect_uri" in parameters.values,
        response_type=response_type,
        response_mode=_check_mode(parameters, response_type),
        scopes=parse_scope(parameters.get("scope") or "") or default_scopes,
        state=parameters.get("state"),
        code_challenge=_check_pkce(parameters, response_type, metadata),
        resource=check_resources(parameters.resources, known=resources, allowed=metadata.resources),
        dpop_jkt=_check_thumbprint(parameters),
    )
    return _check_openid(request, parameters, metadata)


def _check_openid(request: AuthorizeRequest, parameters: Parameters, metadata: ClientMetadata) -> AuthorizeRequest:
    """Return the request with what OpenID Connect adds (Core section 3.1.2.1).

    Values of `display` and `prompt` that are unknown are ignored.
    """
    if parameters.get("registration") is not None:
        raise RegistrationNotSupported(hint="the registration parameter")
    claims = parameters.get("claims") if request.is_openid else None
    return replace(
        request,
        nonce=_check_nonce(parameters, request),
        prompt=_check_prompt(parameters),
        max_age=_check_max_age(parameters, metadata),
        login_hint=parameters.get("login_hint"),
        id_token_hint=parameters.get("id_token_hint"),
        ui_locales=_words(parameters, "ui_locales"),
        acr_values=_words(parameters, "acr_values") or metadata.default_acr_values,
        display=_display(parameters),
        claims=parse_claims(claims) if claims else EMPTY,
    )


def _check_response_type(parameters: Parameters, metadata: ClientMetadata) -> str:
    asked = parameters.get("response_type")
    if asked is None:
        raise InvalidRequest(hint="no response_type")
    response_type = sort_response_type(asked)
    if response_type in RESPONSE_TYPES and response_type in map(sort_response_type, metadata.response_types):
        return response_type
    if response_type == "code":
        raise UnauthorizedClient(hint="a client that may not have codes")
    raise UnsupportedResponseType(hint="a response type that is unknown, or off for this client")


def _check_mode(parameters: Parameters, response_type: str) -> str:
    modes = modes_of(response_type)
    asked = parameters.get("response_mode") or modes[0]
    if asked not in modes:
        raise InvalidRequest(hint="a response_mode that is unknown, or not for this response type")
    return asked


def _check_nonce(parameters: Parameters, request: AuthorizeRequest) -> str | None:
    """A nonce is required where the ID token comes through the browser (Core sections 3.2.2.1 and 3.3.2.11)."""
    nonce = parameters.get("nonce")
    if request.wants_id_token:
        if not request.is_openid:
            raise InvalidScope(hint="an ID token without the scope openid")
        if nonce is None:
            raise InvalidRequest(hint="no nonce")
    if nonce is not None and len(nonce) > MAX_NONCE:
        raise InvalidRequest(hint="the nonce is too long")
    return nonce


def _check_pkce(parameters: Parameters, response_type: str, metadata: ClientMetadata) -> str | None:
    """A public client always needs a challenge, any other unless its registration says that it may go without."""
    challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    if "code" not in response_type.split(" "):
        return None
    required = metadata.require_pkce or metadata.auth_method == "none"
    return check_challenge(challenge, method) if required or challenge or method else None


def _check_prompt(parameters: Parameters) -> frozenset[str]:
    asked = frozenset(_words(parameters, "prompt"))
    if "none" in asked and len(asked) > 1:
        raise InvalidRequest(hint="prompt=none beside another")
    return asked & PROMPTS


def _check_max_age(parameters: Parameters, metadata: ClientMetadata) -> int | None:
    asked = parameters.get("max_age")
    if asked is None:
        return metadata.default_max_age
    if not _SECONDS.fullmatch(asked):
        raise InvalidRequest(hint="max_age is no number of seconds")
    return int(asked)


def _check_thumbprint(parameters: Parameters) -> str | None:
    """`dpop_jkt` is the RFC 7638 thumbprint of a key (RFC 9449 section 10)."""
    thumbprint = parameters.get("dpop_jkt")
    try:
        good = thumbprint is None or len(base64url.decode(thumbprint)) == _THUMBPRINT
    except ValueError:
        good = False
    if not good:
        raise InvalidRequest(hint="dpop_jkt is no SHA-256 in base64url")
    return thumbprint


def _words(parameters: Parameters, name: str) -> tuple[str, ...]:
    words = dict.fromkeys(word for word in (parameters.get(name) or "").split(" ") if word)
    return tuple(words)[:_MOST_WORDS]


def _display(parameters: Parameters) -> str:
    asked = parameters.get("display")
    return asked if asked in DISPLAYS else DISPLAYS[0]
