"""Accounts last used, in memory, so that `CurrentUser` costs no database read (decision 0010).

An account is dropped as soon as the feed says that it changed. What decides on credentials (login,
refresh, change of password) never asks here.
"""

from collections import OrderedDict
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from watchword.core.models.identity import User

MOST_ACCOUNTS = 16_384
"""Some 25 MB where profiles are small."""
MOST_AGE = timedelta(minutes=1)
"""The bound where nobody could tell of a change: a process died in between, or someone wrote into the tables."""


class _Kept(NamedTuple):
    user: User
    read_at: datetime
    nested: bool
    """Whether the profile holds what a caller could change."""


class KeptAccounts:
    """Enabled accounts by id. One that is disabled is never kept, so it is read anew each time.

    A read that began before a change must not bring the old account back after the drop. So whoever reads takes a
    `ticket` first, and `keep` ignores what was read under a ticket from before any drop.

    Args:
        most: how many are kept before the one longest unused is dropped.
    """

    def __init__(self, *, most: int = MOST_ACCOUNTS) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self.ticket = 0
        """Goes up with each drop."""

    def find(self, user_id: str, *, now: datetime) -> User | None:
        """Return the account as it was read less than `MOST_AGE` ago, or None."""
        kept = self._kept.get(user_id)
        if kept is None:
            return None
        if abs(now - kept.read_at) >= MOST_AGE:
            del self._kept[user_id]
            return None
        self._kept.move_to_end(user_id)
        return replace(kept.user, profile=_copied(kept.user.profile)) if kept.nested else kept.user

    def keep(self, user: User, *, ticket: int, now: datetime) -> None:
        """Keep an account whose read began at `now` under this ticket, unless something was dropped since."""
        if ticket != self.ticket or user.disabled:
            return
        nested = any(isinstance(value, (dict, list)) for value in user.profile.values())
        own = replace(user, profile=_copied(user.profile)) if nested else user
        self._kept[user.id] = _Kept(own, now, nested)
        self._kept.move_to_end(user.id)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, user_id: str) -> None:
        """Forget an account, or all if the id is empty, and what is being read at this moment."""
        self.ticket += 1
        if user_id:
            self._kept.pop(user_id, None)
        else:
            self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)


def _copied(profile: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(deepcopy(dict(profile)))
