"""What is revoked, in memory: asked on each request, without I/O (DESIGN section 6)."""

from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from watchword.core.models.identity import Principal
from watchword.core.models.sessions import Revocation, RevocationKind

CUT_OFFS = (RevocationKind.EVERYTHING, RevocationKind.CLIENT, RevocationKind.USER)
_Key = tuple[RevocationKind, str]


class RevocationView:
    """The unexpired revocations that this process knows of.

    Tokens and sessions are refused by id. A user, a client and everything have a cut-off: tokens issued up to and in
    that second are refused. Of several cut-offs every one holds. Adding the same entry again changes nothing.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, datetime] = {}
        self._sessions: dict[str, datetime] = {}
        self._cut_offs: dict[_Key, tuple[int, datetime]] = {}
        self._expiries: list[tuple[datetime, RevocationKind, str]] = []
        self._fresh_at: datetime | None = None

    def add(self, revocation: Revocation) -> None:
        """Take an entry in. Of two cut-offs for one subject the later counts."""
        kind, subject, expires_at = revocation.kind, revocation.subject, revocation.expires_at
        if kind in CUT_OFFS:
            before = self._cut_offs.get((kind, subject), (-1, revocation.at))
            after = (max(before[0], int(revocation.at.timestamp())), max(before[1], expires_at))
            self._cut_offs[kind, subject] = after
            changed = after != before
        else:
            ids = self._ids(kind)
            changed = subject not in ids or ids[subject] < expires_at
            ids[subject] = expires_at if changed else ids[subject]
        if changed:
            heappush(self._expiries, (expires_at, kind, subject))

    def refuses(self, principal: Principal) -> RevocationKind | None:
        """Return what refuses this principal's token, or None if nothing does."""
        if principal.token_id in self._tokens:
            return RevocationKind.TOKEN
        if self._cut_offs:
            refused = self._cut_off_by(principal)
            if refused is not None:
                return refused
        if principal.session_id in self._sessions:
            return RevocationKind.SESSION
        return None

    def _cut_off_by(self, principal: Principal) -> RevocationKind | None:
        issued = int(principal.issued_at.timestamp()) if principal.issued_at else 0
        for key in reversed(_cut_off_keys(principal.subject, principal.client_id)):
            cut_off = self._cut_offs.get(key)
            if cut_off is not None and issued <= cut_off[0]:
                return key[0]
        return None

    def earliest_issue(self, user_id: str, client_id: str, *, now: datetime) -> datetime:
        """Return the `iat` for a token made now: this second, or the first one that no known cut-off refuses.

        Ask before the account is read. Then a change that comes in between has a cut-off at or after this second, and
        the token that was made from the old account is refused.
        """
        cut_offs = (self._cut_offs.get(key, (-1, now))[0] for key in _cut_off_keys(user_id, client_id))
        return datetime.fromtimestamp(max(int(now.timestamp()), *(second + 1 for second in cut_offs)), UTC)

    def latest_issue(self, *, now: datetime) -> datetime:
        """Return the latest `iat` that any token made by now can have. Looks at every cut-off."""
        seconds = (second + 1 for second, _ in self._cut_offs.values())
        return datetime.fromtimestamp(max(int(now.timestamp()), *seconds, 0), UTC)

    def prune(self, now: datetime) -> None:
        """Forget what has expired. Costs only what is forgotten."""
        while self._expiries and self._expiries[0][0] <= now:
            _, kind, subject = heappop(self._expiries)
            if kind in CUT_OFFS:
                if self._cut_offs.get((kind, subject), (0, now))[1] <= now:
                    self._cut_offs.pop((kind, subject), None)
            elif self._ids(kind).get(subject, now) <= now:
                self._ids(kind).pop(subject, None)

    def _ids(self, kind: RevocationKind) -> dict[str, datetime]:
        return self._tokens if kind is RevocationKind.TOKEN else self._sessions

    def mark_fresh(self, now: datetime) -> None:
        """Note that the feed was read to its end at `now`."""
        self._fresh_at = now

    def staleness(self, now: datetime) -> timedelta:
        """Return how long ago the feed was last read to its end; the greatest timedelta if never."""
        return timedelta.max if self._fresh_at is None else max(timedelta(0), now - self._fresh_at)

    def __len__(self) -> int:
        return len(self._tokens) + len(self._sessions) + len(self._cut_offs)


def _cut_off_keys(user_id: str, client_id: str) -> tuple[_Key, _Key, _Key]:
    return (
        (RevocationKind.EVERYTHING, ""),
        (RevocationKind.CLIENT, client_id),
        (RevocationKind.USER, user_id),
    )
