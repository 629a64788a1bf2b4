"""What an operator may register, beyond what a client may say of itself: the same by command, API and declaration."""

from collections.abc import Iterable
from typing import Final

from watchword.core.authorize_errors import InvalidClientMetadata
from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy
from watchword.core.oauth.client_rules import RegistrationPolicy
from watchword.core.oauth.redirect_uris import origin_of
from watchword.core.oauth.resources import check_resource
from watchword.core.oauth.response_modes import RESPONSE_TYPES

OPERATORS_GRANTS: Final = RegistrationPolicy().grants | {"client_credentials", "password"}
OPERATORS_POLICY: Final = RegistrationPolicy(
    grants=OPERATORS_GRANTS, response_types=frozenset(RESPONSE_TYPES), consent=ConsentPolicy.REMEMBER
)


def check_password_grant(grants: Iterable[str], *, first_party: bool) -> None:
    """Check that no third party's client takes passwords (RFC 9700 section 2.4).

    Raises:
        InvalidClientMetadata: it would.
    """
    if "password" in grants and not first_party:
        raise InvalidClientMetadata(hint="only a first-party client may take passwords")


def check_serves(uris: Iterable[str]) -> tuple[str, ...]:
    """Return the resources that a client says it is, each once. They may be registered later.

    Raises:
        InvalidTarget: one is no absolute URI without a fragment.
    """
    return tuple(dict.fromkeys(map(check_resource, uris)))


def check_origins(origins: Iterable[str] | None, metadata: ClientMetadata) -> tuple[str, ...]:
    """Return the web origins that may call us from a browser; None stands for those of a public client's own pages.

    Raises:
        InvalidClientMetadata: one is more than a scheme, a host and perhaps a port.
    """
    if origins is None:
        own = {origin_of(uri) for uri in metadata.redirect_uris} - {""} if metadata.auth_method == "none" else set()
        return tuple(sorted(own))
    chosen = tuple(origins)
    if any(origin_of(origin) != origin for origin in chosen):
        raise InvalidClientMetadata(hint="an origin is a scheme, a host and perhaps a port")
    return chosen
