"""How every store keeps what a client registered: a JSON object without the members that have their default."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import Any

from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy

_DEFAULTS = {field.name: field.default for field in fields(ClientMetadata) if field.default is not MISSING}


def metadata_document(metadata: ClientMetadata) -> dict[str, Any]:
    """Return the members that are not their default."""
    values = {name: getattr(metadata, name) for name in _DEFAULTS}
    return {name: _plain(value) for name, value in values.items() if value != _DEFAULTS[name]}


def metadata_of(document: Mapping[str, Any]) -> ClientMetadata:
    """Return what a document says. A member of a later version is passed over."""
    return ClientMetadata(**{name: _read(name, value) for name, value in document.items() if name in _DEFAULTS})


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _read(name: str, value: object) -> Any:  # noqa: ANN401  of any member
    if name == "consent":
        return ConsentPolicy(str(value))
    if isinstance(value, list):
        return tuple(value)
    return MappingProxyType(value) if isinstance(value, dict) else value
