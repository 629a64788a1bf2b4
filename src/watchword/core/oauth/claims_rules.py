"""The `claims` parameter: claims that are asked for one by one (OpenID Connect Core section 5.5)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from watchword.core.errors import InvalidRequest
from watchword.core.models.identity import EMPTY
from watchword.core.tokens.strict_json import parse_object

Place = Literal["userinfo", "id_token"]
PLACES: tuple[Place, ...] = ("userinfo", "id_token")
_MAX_NAME = 100
_MAX_DEPTH = 5
_CONSTRAINTS = ("value", "values")


def parse_claims(text: str) -> Mapping[str, Any]:
    """Return what a `claims` parameter asks for: `{"userinfo": {name: ask}, "id_token": {name: ask}}`.

    An ask is `{}` or holds `essential`, `value` or `values`; a place that nothing is asked of is left out, and members
    that are not understood are ignored, as section 5.5 says.

    Raises:
        InvalidRequest: it is no JSON object of objects, or an ask is neither null nor an object of the right types.
    """
    try:
        document = parse_object(text.encode(), max_depth=_MAX_DEPTH)
    except ValueError:
        raise InvalidRequest(hint="claims is no strict JSON object") from None
    places: dict[str, Any] = {place: _parse_place(document[place]) for place in PLACES if document.get(place)}
    return MappingProxyType(places)


def asked_names(claims: Mapping[str, Any], place: Place) -> frozenset[str]:
    """Return the names of the claims that are asked for at a place."""
    return frozenset(claims.get(place, EMPTY))


def required_subject(claims: Mapping[str, Any]) -> str | None:
    """Return the `sub` that the ID token must have, or None (section 5.5.1)."""
    values = _values(claims.get("id_token", EMPTY).get("sub", EMPTY))
    return values[0] if values else None


def required_acrs(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the `acr` values of which the ID token must have one, or none (section 5.5.1.1).

    Asked for without `essential`, or by `acr_values`, an `acr` is a wish only.
    """
    ask = claims.get("id_token", EMPTY).get("acr", EMPTY)
    return _values(ask) if ask.get("essential") else ()


def _parse_place(place: object) -> dict[str, dict[str, Any]]:
    if not isinstance(place, dict):
        raise InvalidRequest(hint="a member of claims is no object")
    return {_check_name(name): _parse_ask(name, ask) for name, ask in place.items()}


def _check_name(name: str) -> str:
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        raise InvalidRequest(hint="the name of a claim is no short printable text")
    return name


def _parse_ask(name: str, ask: object) -> dict[str, Any]:
    if ask is None:
        return {}
    if not isinstance(ask, dict) or type(ask.get("essential", False)) is not bool:
        raise InvalidRequest(hint="a claim is asked for by neither null nor an object")
    values = ask.get("values", [])
    if not isinstance(values, list) or ("value" in ask and "values" in ask):
        raise InvalidRequest(hint="values is no list, or value stands beside it")
    if name in {"sub", "acr"} and not all(isinstance(value, str) for value in (ask.get("value", ""), *values)):
        raise InvalidRequest(hint="a sub or an acr that is no text")
    return {member: ask[member] for member in ("essential", *_CONSTRAINTS) if member in ask}


def _values(ask: Mapping[str, Any]) -> tuple[str, ...]:
    return (ask["value"],) if "value" in ask else tuple(ask.get("values", ()))
