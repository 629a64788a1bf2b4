"""Says what adding accounts would do, and adds none: the dry run of an import."""

from collections.abc import Sequence

from watchword.core.models.identity import User
from watchword.ports.identity import Added, Users


async def foresee(store: Users, users: Sequence[User]) -> list[Added]:
    """Return what `add_many` would, by what is stored and what comes before in the same batch."""
    taken: set[str] = set()
    return [await _outcome(store, user, taken) for user in users]


async def _outcome(store: Users, user: User, taken: set[str]) -> Added:
    keys = ((user.username_key, Added.USERNAME_TAKEN), (user.email_key, Added.EMAIL_TAKEN))
    for key, refusal in keys:
        if key is not None and (key in taken or await store.find_by_login(key) is not None):
            return refusal
    taken |= {key for key, _ in keys if key is not None}
    return Added.ADDED
