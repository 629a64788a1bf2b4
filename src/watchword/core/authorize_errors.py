"""More OAuth errors: those of the authorization endpoint, of registration, of devices and of client assertions."""

from watchword.core.errors import InvalidClient, OAuthError


class AccessDenied(OAuthError):
    """RFC 6749 section 4.1.2.1: the person, or this server, refused."""

    code = "access_denied"
    description = "The request was refused."


class UnsupportedResponseType(OAuthError):
    """RFC 6749 section 4.1.2.1: no such response type is offered here to this client."""

    code = "unsupported_response_type"
    description = "This response type is not supported."


class LoginRequired(OAuthError):
    """OpenID Connect Core section 3.1.2.6: someone must log in, but `prompt=none` forbids to ask."""

    code = "login_required"
    description = "The person must log in."


class ConsentRequired(OAuthError):
    """OpenID Connect Core section 3.1.2.6: the person must consent, but `prompt=none` forbids to ask."""

    code = "consent_required"
    description = "The person must consent."


class AccountSelectionRequired(OAuthError):
    """OpenID Connect Core section 3.1.2.6: the person must choose an account, but may not be asked."""

    code = "account_selection_required"
    description = "The person must choose an account."


class UnmetAuthenticationRequirements(OAuthError):
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0: an essential `acr` is out of reach."""

    code = "unmet_authentication_requirements"
    description = "The authentication that was asked for could not be reached."


class InvalidRequestUri(OAuthError):
    """RFC 9101 section 6.2: the `request_uri` is not a registered one, or what it names is not good."""

    code = "invalid_request_uri"
    description = "The request_uri is not valid."


class InvalidRequestObject(OAuthError):
    """RFC 9101 section 6.2: the request object is malformed, wrongly signed or not meant for here."""

    code = "invalid_request_object"
    description = "The request object is not valid."


class RequestUriNotSupported(OAuthError):
    """OpenID Connect Core section 3.1.2.6: the `request_uri` parameter is not supported."""

    code = "request_uri_not_supported"
    description = "The request_uri parameter is not supported."


class RegistrationNotSupported(OAuthError):
    """OpenID Connect Core section 3.1.2.6: the `registration` parameter is not supported."""

    code = "registration_not_supported"
    description = "The registration parameter is not supported."


class InvalidTarget(OAuthError):
    """RFC 8707 section 2: a `resource` is malformed, unknown, or not one that was granted."""

    code = "invalid_target"
    description = "The requested resource is unknown or not granted."


class InvalidRedirectUri(OAuthError):
    """RFC 7591 section 3.2.2: a redirect URI is unsafe; or, at the authorization endpoint, not a registered one."""

    code = "invalid_redirect_uri"
    description = "The redirect URI is not acceptable, or is not one that the client registered."


class InvalidClientMetadata(OAuthError):
    """RFC 7591 section 3.2.2: a field of a registration is not acceptable."""

    code = "invalid_client_metadata"
    description = "The client metadata has a field that is not acceptable."


class UnapprovedSoftwareStatement(OAuthError):
    """RFC 7591 section 3.2.2: this server trusts no software statement of that issuer."""

    code = "unapproved_software_statement"
    description = "The software statement is not approved here."


class AuthorizationPending(OAuthError):
    """RFC 8628 section 3.5: the person has not decided yet."""

    code = "authorization_pending"
    description = "The person has not decided yet."


class SlowDown(OAuthError):
    """RFC 8628 section 3.5: the device asks too often; its interval grows by five seconds."""

    code = "slow_down"
    description = "Ask less often."


class ExpiredToken(OAuthError):
    """RFC 8628 section 3.5: the device code has expired."""

    code = "expired_token"
    description = "The device code has expired."


class InvalidClientAssertion(InvalidClient):
    """RFC 7523 section 3.2: a client's assertion is not good. It leaves as `invalid_client`."""


class InteractionExpired(OAuthError):
    """A form of the hosted pages that is too old, or was begun in another browser. It is never redirected."""

    code = "interaction_expired"
    description = "This page is too old or belongs to another browser. Go back to the application and start again."
