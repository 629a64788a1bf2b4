"""Who the client is (RFC 6749 section 2.3). So far there is one: the public first-party client."""

from hmac import compare_digest

from watchword.core.errors import InvalidClient, InvalidRequest
from watchword.core.models.grants import Client
from watchword.flows.context import Context
from watchword.flows.exchange import TokenRequest


async def identify_client(ctx: Context, request: TokenRequest) -> Client:
    """Return the client that a request speaks for.

    No id, or an empty one as Swagger UI sends it, means the first-party client. It is public, so a secret is refused.

    Raises:
        InvalidRequest: the form and the header both authenticate, or name different clients.
        InvalidClient: there is no such client, or it has no secret but one was sent.
    """
    form_id, form_secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    basic_id, basic_secret = request.basic or ("", "")
    if form_secret and (basic_id or basic_secret):
        raise InvalidRequest(hint="client credentials in the header and in the form")
    if form_id and basic_id and form_id != basic_id:
        raise InvalidRequest(hint="the header and the form name different clients")
    client_id = form_id or basic_id or ctx.client.id
    if not compare_digest(client_id.encode(errors="replace"), ctx.client.id.encode()):
        raise InvalidClient(hint="unknown client")
    if form_secret or basic_secret:
        raise InvalidClient(hint="a secret for a client that has none")
    return ctx.client
