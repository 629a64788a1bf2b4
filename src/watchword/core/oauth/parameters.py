"""The parameters of an authorization request, before anything is made of them (RFC 6749 section 3.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from watchword.core.errors import InvalidRequest

MOST_PARAMETERS = 64
MOST_RESOURCES = 16
LONGEST_NAME = 128
LONGEST_VALUE = 4096
_LONGER: Mapping[str, int] = MappingProxyType(
    {"request": 16 * 1024, "id_token_hint": 16 * 1024, "claims": 8 * 1024, "redirect_uri": 2048, "request_uri": 2048}
)
_FIRST_PRINTABLE, _DELETE = " ", "\x7f"
_WHITESPACE_ALLOWED = frozenset({"claims"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a request, each there once and not empty. `resource` may come several times (RFC 8707)."""

    values: Mapping[str, str]
    resources: tuple[str, ...] = ()

    def get(self, name: str) -> str | None:
        """Return a parameter other than `resource`, or None."""
        return self.values.get(name)

    @property
    def is_openid(self) -> bool:
        """Whether this is an OpenID Connect request: its scope holds `openid`."""
        return "openid" in self.values.get("scope", "").split(" ")


def parse_parameters(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Return the parameters of a request. An empty one counts as absent, an unknown one is kept and not looked at.

    Args:
        pairs: decoded names and values. What was no UTF-8 must have been decoded with `surrogateescape`, so that it is
            told from text here.

    Raises:
        InvalidRequest: a name comes twice (even without a value), there are too many or too long ones, or one has a
            control character or is no Unicode text.
    """
    seen: set[str] = set()
    values: dict[str, str] = {}
    resources: list[str] = []
    for count, (name, value) in enumerate(pairs, start=1):
        _check_text(name, value)
        if count > MOST_PARAMETERS or (name in seen and name != "resource") or len(resources) > MOST_RESOURCES:
            raise InvalidRequest(hint="a parameter is repeated, or there are too many")
        seen.add(name)
        if name == "resource" and value:
            resources.append(value)
        elif value:
            values[name] = value
    return Parameters(MappingProxyType(values), tuple(resources))


def _check_text(name: str, value: str) -> None:
    if len(name) > LONGEST_NAME or len(value) > _LONGER.get(name, LONGEST_VALUE):
        raise InvalidRequest(hint="a parameter is too long")
    try:
        (name + value).encode()
    except UnicodeEncodeError:
        raise InvalidRequest(hint="a parameter is not UTF-8") from None
    text = value if name not in _WHITESPACE_ALLOWED else value.translate(_NO_WHITESPACE)
    if any(char < _FIRST_PRINTABLE or char == _DELETE for char in name + text):
        raise InvalidRequest(hint="a parameter has a control character")


_NO_WHITESPACE = str.maketrans("", "", "\t\r\n")
