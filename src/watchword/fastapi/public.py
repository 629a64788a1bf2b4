"""The mark of routes that need no credential, for default deny and for `watchword routes`."""

from typing import Any, TypeVar

T = TypeVar("T")
_MARK = "__watchword_public__"


def public(endpoint: T) -> T:
    """Mark a path operation function, or an application to be mounted, as open to everyone.

    Put it under the route decorator, so that it marks the function itself:

        @app.get("/health")
        @public
        async def health() -> dict[str, str]: ...

    Raises:
        TypeError: if the object cannot carry the mark.
    """
    try:
        setattr(endpoint, _MARK, True)
    except AttributeError:
        raise TypeError(f"{endpoint!r} cannot be marked public: wrap it in a function or an application") from None
    return endpoint


def is_public(endpoint: Any) -> bool:  # noqa: ANN401  endpoints are any callable
    """Whether the object itself carries the mark of `public`; a class does not inherit it."""
    marked = getattr(endpoint, "__func__", endpoint)
    return getattr(marked, "__dict__", {}).get(_MARK, False) is True
