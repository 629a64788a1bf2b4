"""What the feed says, in memory: asked on each request, without I/O."""

from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from watchword.core.ids import find_id_time
from watchword.core.models.identity import Principal
from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.flows.kept_accounts import KeptAccounts

CUT_OFFS = (RevocationKind.EVERYTHING, RevocationKind.CLIENT, RevocationKind.USER)
ACCOUNT_CHANGES = (RevocationKind.CHANGED, RevocationKind.USER, RevocationKind.EVERYTHING)
"""Entries that speak of an account too, or with an empty subject of all."""
MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime.fromtimestamp(0, UTC)
_CutOff = tuple[datetime, datetime]
"""Tokens issued before the first are refused, until the second."""


class RevocationView:
    """The unexpired revocations that this process knows of.

    Tokens and sessions are refused by id. A user, a client and everything have a cut-off: tokens issued up to and in
    that millisecond are refused. A token was issued in the millisecond of its `jti`, a UUIDv7; one with another `jti`
    at its `iat`. Of several cut-offs every one holds. Adding the same entry again changes nothing.

    Attributes:
        accounts: the accounts that are kept in memory until an entry speaks of them.
    """

    def __init__(self) -> None:
        self.accounts = KeptAccounts()
        self._tokens: dict[str, datetime] = {}
        self._sessions: dict[str, datetime] = {}
        self._everything: dict[str, _CutOff] = {}
        self._clients: dict[str, _CutOff] = {}
        self._users: dict[str, _CutOff] = {}
        self._ids = {RevocationKind.TOKEN: self._tokens, RevocationKind.SESSION: self._sessions}
        self._cut_offs = dict(zip(CUT_OFFS, (self._everything, self._clients, self._users), strict=True))
        self._expiries: list[tuple[datetime, RevocationKind, str]] = []
        self._fresh_at: datetime | None = None

    def add(self, revocation: Revocation) -> None:
        """Take an entry in. Of two cut-offs for one subject the later counts."""
        kind, subject, expires_at = revocation.kind, revocation.subject, revocation.expires_at
        if kind in ACCOUNT_CHANGES:
            self.accounts.drop(subject)
        if kind is RevocationKind.CHANGED:
            return
        if kind in CUT_OFFS:
            cut_offs = self._cut_offs[kind]
            before = cut_offs.get(subject, (_EPOCH, revocation.at))
            after = (max(before[0], _cut(revocation.at) + MILLISECOND), max(before[1], expires_at))
            cut_offs[subject] = after
            changed = after != before
        else:
            ids = self._ids[kind]
            changed = subject not in ids or ids[subject] < expires_at
            ids[subject] = expires_at if changed else ids[subject]
        if changed:
            heappush(self._expiries, (expires_at, kind, subject))

    def refuses(self, principal: Principal) -> RevocationKind | None:
        """Return what refuses this principal's token, or None if nothing does. Asked on every request."""
        if principal.token_id in self._tokens:
            return RevocationKind.TOKEN
        if self._everything or principal.subject in self._users or principal.client_id in self._clients:
            kind = self._refusing_cut_off(principal)
            if kind is not None:
                return kind
        return RevocationKind.SESSION if principal.session_id in self._sessions else None

    def _refusing_cut_off(self, principal: Principal) -> RevocationKind | None:
        issued_at = find_id_time(principal.token_id) or principal.issued_at or _EPOCH
        if principal.subject in self._users and issued_at < self._users[principal.subject][0]:
            return RevocationKind.USER
        if principal.client_id in self._clients and issued_at < self._clients[principal.client_id][0]:
            return RevocationKind.CLIENT
        if "" in self._everything and issued_at < self._everything[""][0]:
            return RevocationKind.EVERYTHING
        return None

    def earliest_issue(self, user_id: str, client_id: str, *, now: datetime) -> datetime:
        """Return the time for the `jti` of a token made now: now, or the first moment that no known cut-off refuses.

        Ask before the account is read. Then a change that comes in between has a cut-off at or after this moment, and
        the token that was made from the old account is refused. `iat` has nothing to do with it.
        """
        known = (self._everything.get(""), self._clients.get(client_id), self._users.get(user_id))
        return max(_cut(now), *(cut_off[0] if cut_off else _EPOCH for cut_off in known))

    def cut_offs_beyond(self, at: datetime) -> list[tuple[RevocationKind, str, datetime]]:
        """Return kind, subject and first accepted moment of the cut-offs whose new tokens are issued after `at`."""
        return [
            (kind, subject, first)
            for kind, cut_offs in self._cut_offs.items()
            for subject, (first, _) in cut_offs.items()
            if first > at
        ]

    def prune(self, now: datetime) -> None:
        """Forget what has expired. Costs only what is forgotten."""
        while self._expiries and self._expiries[0][0] <= now:
            _, kind, subject = heappop(self._expiries)
            if kind in CUT_OFFS:
                if self._cut_offs[kind].get(subject, (_EPOCH, now))[1] <= now:
                    self._cut_offs[kind].pop(subject, None)
            elif self._ids[kind].get(subject, now) <= now:
                self._ids[kind].pop(subject, None)

    def mark_fresh(self, now: datetime) -> None:
        """Note that the feed was read to its end at `now`."""
        self._fresh_at = now

    def staleness(self, now: datetime) -> timedelta:
        """Return how long ago the feed was last read to its end; the greatest timedelta if never."""
        return timedelta.max if self._fresh_at is None else max(timedelta(0), now - self._fresh_at)

    def __len__(self) -> int:
        ids = sum(len(ids) for ids in self._ids.values())
        return ids + sum(len(cut_offs) for cut_offs in self._cut_offs.values())


def _cut(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
