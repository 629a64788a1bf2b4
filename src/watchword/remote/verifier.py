"""Verifies the tokens of one other issuer: what `Auth.remote(...)` stands on (RFC 9068 section 4, RFC 8725).

    verifier = RemoteVerifier("https://issuer.example", "https://api.example", clock=clock, fetcher=Fetcher())
    await verifier.start()
    principal = await verifier.authenticate(token)

A token whose key is known is verified without any I/O.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from watchword.core.errors import ConfigError, InvalidToken, Unavailable
from watchword.core.models.identity import Principal
from watchword.core.tokens.algorithms import ALGORITHMS
from watchword.core.tokens.compact import REMOTE_HEADER_MEMBERS, CompactToken, parse_compact, parse_json_object
from watchword.core.tokens.jwk import VerificationKey, find_key
from watchword.core.tokens.signature import check_signature
from watchword.core.tokens.token_rules import ACCESS_TOKEN_TYPES, PLAIN_TYPES
from watchword.ports.outside import Clock, HttpFetcher
from watchword.remote.claims import ClaimPath, claim_paths, read_principal
from watchword.remote.discovery import check_issuer
from watchword.remote.key_cache import KeyCache
from watchword.remote.key_source import KeySource
from watchword.remote.token_rules import check_header, check_token_claims, new_rules

logger = logging.getLogger("watchword.remote")

DEFAULT_ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
_MOST_LEEWAY = timedelta(minutes=5)


class RemoteVerifier:
    """Turns an access token of `issuer` for `audience` into a Principal.

    Args:
        issuer: the exact `iss` of the tokens; keys are found by its metadata.
        audience: the name, or names, of this resource server in the tokens.
        clock: the time.
        fetcher: how metadata and keys are fetched.
        jwks_uri: where the keys are, for an issuer without metadata.
        algorithms: the signature algorithms accepted. Symmetric ones never are.
        leeway: how far the issuer's clock may be ahead, for `iat` and `nbf`; five minutes at most.
        audience_claim: where the audience stands; Cognito's access tokens have it in `client_id`.
        token_types: the values of `typ` accepted, in any case; the empty text stands for none.
            `ACCESS_TOKEN_TYPES` alone is stricter, for issuers that follow RFC 9068.
        accept_id_tokens: whether ID tokens are accepted too, for issuers whose access tokens are no JWTs (Google).
        roles_claim: the claim that holds the roles, instead of the usual ones.
        permissions_claim: the claim that holds the permissions, instead of `permissions`.

    Raises:
        ConfigError: an argument is missing or unsafe.
    """

    def __init__(
        self,
        issuer: str,
        audience: str | Sequence[str],
        *,
        clock: Clock,
        fetcher: HttpFetcher,
        jwks_uri: str | None = None,
        algorithms: Iterable[str] = DEFAULT_ALGORITHMS,
        leeway: timedelta = timedelta(seconds=60),
        audience_claim: str = "aud",
        token_types: Iterable[str] = ACCESS_TOKEN_TYPES | PLAIN_TYPES,
        accept_id_tokens: bool = False,
        roles_claim: ClaimPath | None = None,
        permissions_claim: ClaimPath | None = None,
    ) -> None:
        audiences = _check_audiences(audience)
        self._clock = clock
        self._issuer = check_issuer(issuer)
        self._rules = new_rules(
            issuer,
            audiences,
            algorithms=_check_algorithms(algorithms),
            leeway=_check_leeway(leeway),
            audience_claim=audience_claim,
            token_types=_check_types(token_types),
            accept_id_tokens=accept_id_tokens,
        )
        self._paths = claim_paths(audiences, roles_claim=roles_claim, permissions_claim=permissions_claim)
        self._cache = KeyCache(KeySource(issuer, fetcher, jwks_uri).load, clock)

    async def start(self) -> None:
        """Fetch the keys ahead of the first request. An issuer that is down is logged; requests will try again."""
        try:
            await self._cache.get()
        except Unavailable as error:
            logger.warning("starting without the keys of %s: %s", self._issuer, error)

    async def authenticate(self, token: str) -> Principal:
        """Return whom a token speaks for.

        Raises:
            InvalidToken: it is not a good access token of this issuer for this audience.
            Unavailable: no key of the issuer is known, and it cannot be reached.
        """
        parsed = check_header(parse_compact(token, header_members=REMOTE_HEADER_MEMBERS), self._rules)
        payload = check_signature(parsed, await self._get_key(parsed))
        claims = check_token_claims(parse_json_object(payload), parsed, self._rules, now=self._clock.now())
        return read_principal(claims, self._paths)

    async def close(self) -> None:
        """End what runs beside the requests. The verifier may be started again, in another event loop too."""
        await self._cache.close()

    async def _get_key(self, token: CompactToken) -> VerificationKey:
        """Return the key that the token names. Only a `kid` that is not known is worth asking the issuer again."""
        key = find_key(await self._cache.get(), token.kid, token.algorithm)
        if key is None and token.kid is not None:
            key = find_key(await self._cache.get_refetched(), token.kid, token.algorithm)
        if key is None:
            raise InvalidToken(hint="the issuer has no such key")
        return key


def _check_audiences(audience: str | Sequence[str]) -> frozenset[str]:
    given: object = audience  # whatever a caller without a type checker passes
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, Collection) else []
    audiences = frozenset(name for name in names if isinstance(name, str))
    if not names or "" in names or len(audiences) != len(set(map(str, names))):
        raise ConfigError(
            "audience: name this resource server as it stands in the tokens; without it, tokens that were "
            "issued for other services would be accepted."
        )
    return audiences


def _check_algorithms(algorithms: Iterable[str]) -> frozenset[str]:
    names = frozenset(algorithms)
    asymmetric = {name for name, algorithm in ALGORITHMS.items() if algorithm.kty != "oct"}
    if not names or not names <= asymmetric:
        raise ConfigError(f"algorithms: choose among {', '.join(sorted(asymmetric))}.")
    return names


def _check_leeway(leeway: timedelta) -> timedelta:
    if not timedelta(0) <= leeway <= _MOST_LEEWAY:
        raise ConfigError("leeway: choose between 0 and 5 minutes; set the clocks right rather than choose more.")
    return leeway


def _check_types(token_types: Iterable[str]) -> frozenset[str]:
    types = frozenset(token_type.lower() for token_type in token_types)
    if not types:
        raise ConfigError("token_types: name at least one, such as at+jwt.")
    return types
