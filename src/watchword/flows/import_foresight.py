"""Says what adding accounts would do, and adds none: the dry run of an import."""

from collections.abc import Sequence

from watchword.core.models.identity import User
from watchword.ports.identity import Added, Users


async def foresee(store: Users, users: Sequence[User]) -> list[Added]:
    """Return what `add_many` would, by what is stored and what comes before in the same batch."""
    stored = await store.find_by_logins([key for user in users for key in keys_of(user)])
    taken = {key for user in stored for key in keys_of(user)}
    return [_outcome(user, taken) for user in users]


def keys_of(user: User) -> list[str]:
    """Return what nobody else may have."""
    return [key for key in (user.username_key, user.email_key) if key is not None]


def _outcome(user: User, taken: set[str]) -> Added:
    keys = ((user.username_key, Added.USERNAME_TAKEN), (user.email_key, Added.EMAIL_TAKEN))
    for key, refusal in keys:
        if key in taken:
            return refusal
    taken.update(keys_of(user))
    return Added.ADDED
