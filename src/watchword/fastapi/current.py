"""The annotations of path operation functions, for HTTP and WebSocket alike."""

from typing import Annotated

from fastapi import Security

from watchword.core.models.identity import Principal, User
from watchword.fastapi.guard import current_principal, current_user, maybe_principal

CurrentUser = Annotated[User, Security(current_user)]
"""The account of the caller, loaded; refused with 401 without a good token, 403 if the account is disabled."""

CurrentPrincipal = Annotated[Principal, Security(current_principal)]
"""What the caller's credential proved; costs no database read."""

MaybePrincipal = Annotated[Principal | None, Security(maybe_principal)]
"""The same, or None for a caller without a credential. A bad credential is refused all the same."""
