"""When a person is asked, and what a consent covers (OpenID Connect Core section 3.1.2.4, RFC 6749 section 10.2)."""

from dataclasses import dataclass
from datetime import datetime

from watchword.core.models.authorizations import Consent
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.claims_rules import PLACES, asked_names
from watchword.core.oauth.user_claims import is_known

_NOTHING = frozenset[str]()
MOST_CLAIMS = 100
"""How many claims a consent keeps: with language tags there is no end of names that a client may ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAsk:
    """What a person is asked for: scopes, resources, and claims by name."""

    scopes: frozenset[str] = _NOTHING
    resources: frozenset[str] = _NOTHING
    claims: frozenset[str] = _NOTHING

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.scopes or self.resources or self.claims)


def asked_for(request: AuthorizeRequest, granted: frozenset[str]) -> ConsentAsk:
    """Return what a request asks a person for, `granted` being those of its scopes that it may have at all."""
    names = _NOTHING.union(*(asked_names(request.claims, place) for place in PLACES))
    return ConsentAsk(scopes=granted, resources=frozenset(request.resource), claims=frozenset(filter(is_known, names)))


def what_is_new(ask: ConsentAsk, stored: Consent | None) -> ConsentAsk:
    """Return what of it the person has not consented to yet."""
    if stored is None:
        return ask
    return ConsentAsk(
        scopes=ask.scopes - stored.scopes,
        resources=ask.resources - stored.resources,
        claims=ask.claims - stored.claims,
    )


def needs_consent(request: AuthorizeRequest, ask: ConsentAsk, stored: Consent | None, *, policy: ConsentPolicy) -> bool:
    """Whether the person must be asked: because the client wants it, the policy says so, or there is something new.

    A client that is never asked about is first-party, and even `prompt=consent` changes nothing there. A first consent
    is asked for even where no scope is: that a person logs in at a client is theirs to say too.
    """
    if policy is ConsentPolicy.NEVER:
        return False
    if policy is ConsentPolicy.ALWAYS or "consent" in request.prompt or stored is None:
        return True
    return not what_is_new(ask, stored).is_empty


def merge_consent(ask: ConsentAsk, stored: Consent | None, *, user_id: str, client_id: str, now: datetime) -> Consent:
    """Return the consent to store: what was consented to before, and what was asked for now."""
    before = stored or Consent(user_id=user_id, client_id=client_id, scopes=_NOTHING, granted_at=now)
    return Consent(
        user_id=user_id,
        client_id=client_id,
        scopes=before.scopes | ask.scopes,
        resources=before.resources | ask.resources,
        claims=_newest(ask.claims, before.claims),
        granted_at=now,
    )


def _newest(asked: frozenset[str], before: frozenset[str]) -> frozenset[str]:
    """Return what is asked for now, and of what was before as much as there is room for."""
    return frozenset([*sorted(asked), *sorted(before - asked)][:MOST_CLAIMS])
