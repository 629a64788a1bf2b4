"""How strongly a person has authenticated: the values of `acr` (OpenID Connect Core section 2, RFC 9470)."""

from typing import Final

PASSWORD_ACR: Final = "urn:watchword:acr:password"  # noqa: S105  a name, no password
"""By a password."""
MFA_ACR: Final = "urn:watchword:acr:mfa"
"""By several factors."""
