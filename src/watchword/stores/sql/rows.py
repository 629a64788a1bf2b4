"""A row as the stores read it, whatever found it."""

from collections.abc import Mapping
from typing import Any, Protocol


class Row(Protocol):
    """`row.name`, `row[place]`, and all of it by name as `row._mapping`, as SQLAlchemy has it."""

    @property
    def _mapping(self) -> Mapping[Any, Any]: ...

    def __getattr__(self, name: str, /) -> Any: ...  # noqa: ANN401

    def __getitem__(self, place: int, /) -> Any: ...  # noqa: ANN401
