"""What a token request holds and what answers it (RFC 6749 sections 4.3 to 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A request to the token or revocation endpoint, read but not judged.

    `basic` is the decoded id and secret of HTTP Basic, or None. `address` is the peer's, for rate limits.
    """

    form: Mapping[str, str] = field(repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """A successful answer (RFC 6749 section 5.1). `expires_in` counts seconds; `scope` is what was granted."""

    access_token: str = field(repr=False)
    expires_in: int
    scope: str
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
