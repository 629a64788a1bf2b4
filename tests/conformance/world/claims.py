"""The standard claims and their types (OpenID Connect Core section 5.1)."""

PROFILE_CLAIMS = frozenset(
    {
        *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
        *("website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
    }
)
EMAIL_CLAIMS = frozenset({"email", "email_verified"})
ADDRESS_CLAIMS = frozenset({"address"})
PHONE_CLAIMS = frozenset({"phone_number", "phone_number_verified"})
TYPES = {"updated_at": int, "email_verified": bool, "phone_number_verified": bool, "address": dict}
"""What is no text."""


def check_standard_claims(claims):
    """Check that every claim has its type, and that none is empty."""
    for name, value in claims.items():
        assert isinstance(value, TYPES.get(name, str)), name
        assert value is not None, name
        assert value != "", name
