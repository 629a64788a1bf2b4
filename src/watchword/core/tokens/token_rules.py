"""What a verifier asks of an access token: strict for our own (RFC 9068), wider by switches for others."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from watchword.core.tokens.compact import OWN_HEADER_MEMBERS, REMOTE_HEADER_MEMBERS

ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})
"""RFC 9068 section 4; compared in lower case."""
ALWAYS_REQUIRED = frozenset({"iss", "sub", "exp"})
"""Claims without which no token is accepted, whatever the rules."""
PLAIN_TYPES = frozenset({"", "jwt", "application/jwt"})
"""What issuers that know no RFC 9068 write into `typ`; the empty text stands for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """The rules of one issuer. As they stand by default they are those of our own tokens.

    Args:
        issuer: what `iss` must be, exactly.
        audience: what `aud` must be, or hold, exactly.
        leeway: how far ahead `iat` and `nbf` may lie; `exp` has none.
        max_lifetime: the greatest `exp - iat`, or None for no bound. With a bound, a token without `iat` is refused.
        types: the `typ` values that are accepted, in lower case; the empty text for none.
        required: claims that must be there; `iss`, `sub` and `exp` must be in any case.
        header_members: the header members that may be there.
        kid_required: whether a token without `kid` is refused before any key is looked for.
        many_audiences: whether `aud` may name others beside us.
        fractional_times: whether times may be fractions of a second.
        own_grants: whether `scope` and `roles` have our form and are refused in any other; else another form counts
            as none, and whoever knows the issuer reads it from `Principal.claims`.
        audience_claim: the claim that names the audience (Amazon Cognito: `client_id`).
    """

    issuer: str
    audience: str
    leeway: timedelta = timedelta(seconds=10)
    max_lifetime: timedelta | None = None
    types: frozenset[str] = ACCESS_TOKEN_TYPES
    required: frozenset[str] = ALWAYS_REQUIRED | frozenset({"iat", "aud", "jti", "client_id"})
    header_members: frozenset[str] = OWN_HEADER_MEMBERS
    kid_required: bool = True
    many_audiences: bool = False
    fractional_times: bool = False
    own_grants: bool = True
    audience_claim: str = "aud"

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", self.required | ALWAYS_REQUIRED)

    @classmethod
    def remote(
        cls,
        *,
        issuer: str,
        audience: str,
        leeway: timedelta = timedelta(seconds=10),
        max_lifetime: timedelta | None = None,
        typ_required: bool = False,
        audience_claim: str = "aud",
    ) -> Self:
        """Return the rules for tokens of another issuer.

        Without `typ_required`, `typ` may also be `JWT` or missing; then tokens that carry the marks of an ID token, a
        logout token or a DPoP proof are refused by those.
        """
        return cls(
            issuer=issuer,
            audience=audience,
            leeway=leeway,
            max_lifetime=max_lifetime,
            types=ACCESS_TOKEN_TYPES if typ_required else ACCESS_TOKEN_TYPES | PLAIN_TYPES,
            required=ALWAYS_REQUIRED | {audience_claim},
            header_members=REMOTE_HEADER_MEMBERS,
            kid_required=False,
            many_audiences=True,
            fractional_times=True,
            own_grants=False,
            audience_claim=audience_claim,
        )
