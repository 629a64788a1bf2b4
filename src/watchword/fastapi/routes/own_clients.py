"""Which clients may touch an account itself: the operator's own, never one that people let have some scopes.

What a person consents to are scopes (RFC 6749 section 3.3). None of them says that a third party may change or delete
the account, or read what the scopes keep from it.
"""

from starlette.requests import Request

from watchword.config import FIRST_PARTY_CLIENT_ID
from watchword.core.account_errors import AccessRefused
from watchword.core.models.identity import Principal
from watchword.fastapi.scope import auth_of


async def check_own_client(request: Request, principal: Principal) -> None:
    """Check that a token is of the built-in client, or of one that is registered as first-party. Mostly without I/O.

    Raises:
        AccessRefused: it is of any other client.
        StoreUnavailable: nothing is known of the client at present.
    """
    if principal.client_id == FIRST_PARTY_CLIENT_ID:
        return
    client = await auth_of(request).context.clients.find(principal.client_id or "")
    if client is None or not client.first_party:
        raise AccessRefused(
            "Only this site's own applications may do this.", hint=f"client {principal.client_id} is no first party"
        )
