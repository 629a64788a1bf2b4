"""`requires(...)`: what a route, a router or a parameter asks of its caller."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi.params import Security

from watchword.fastapi.guard import PrincipalGuard
from watchword.fastapi.rules import Check, Rule

Names = str | Iterable[str]


@dataclass(frozen=True)
class Requires(Security):
    """What `requires` returns: a `fastapi.params.Security` that also knows `|`."""

    def __or__(self, other: "Requires") -> "Requires":
        """Return a requirement that holds if this one or the other holds."""
        if not isinstance(other, Requires):
            return NotImplemented
        return _from_rules(_rules_of(self) + _rules_of(other))


def requires(
    *,
    scopes: Names | None = None,
    role: Names | None = None,
    permission: Names | None = None,
    fresh: timedelta | int | None = None,
    mfa: bool = False,
    check: Check | None = None,
) -> Requires:
    """Ask for a principal of whom everything named here holds; combine with `|` for "or".

        @app.get("/items", dependencies=[requires(scopes="items:read") | requires(role="admin")])

    Args:
        scopes: scopes the token must carry: one string (space-separated, as in a token) or several.
        role: roles the principal must have, one or several.
        permission: permissions the principal's roles must give, one or several.
        fresh: the greatest age of the login itself, as a timedelta or in seconds (RFC 9470).
        mfa: whether the login must have used a second factor (RFC 8176 `amr`).
        check: a function of the principal, sync or async, that must return True. It runs on the event loop.

    Returns:
        A `Security`, for `Annotated[Principal, requires(...)]` and for `dependencies=[...]` of routes and routers.

    Raises:
        TypeError: if what is given is empty or no string, or `fresh` is not a positive duration.
    """
    return _from_rules(
        (
            Rule(
                scopes=tuple(sorted(set(_names(scopes, "scopes")))),
                roles=tuple(sorted(set(_names(role, "role")))),
                permissions=tuple(sorted(set(_names(permission, "permission")))),
                fresh=_duration(fresh),
                mfa=mfa,
                check=check,
            ),
        )
    )


def _from_rules(rules: tuple[Rule, ...]) -> Requires:
    """Scopes that hold whichever alternative is taken are declared to FastAPI; the guard checks the rest."""
    common = set(rules[0].scopes).intersection(*(rule.scopes for rule in rules))
    return Requires(dependency=PrincipalGuard(rules), scopes=sorted(common))


def _rules_of(requirement: Requires) -> tuple[Rule, ...]:
    guard: Any = requirement.dependency
    rules: tuple[Rule, ...] = guard.rules
    return rules


def _names(value: Names | None, what: str) -> list[str]:
    """Return the names. Nothing given asks for nothing; something empty is a mistake that would open the route."""
    if value is None:
        return []
    names = value.split() if isinstance(value, str) else list(value)
    if not names or not all(type(name) is str and name for name in names):
        raise TypeError(f"{what} must be a string or several strings, and not empty")
    return names


def _duration(value: timedelta | int | None) -> timedelta | None:
    duration = timedelta(seconds=value) if isinstance(value, int) else value
    if duration is not None and duration <= timedelta(0):
        raise TypeError("fresh must be a positive duration")
    return duration
