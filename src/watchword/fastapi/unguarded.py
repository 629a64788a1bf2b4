"""A path operation as FastAPI sees it once its guards stand before it: its function finds their values in the scope."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Final

from fastapi.dependencies.models import Dependant

VALUES: Final = "watchword.values"
_REQUEST: Final = "watchword_request"


def remaining(dependant: Dependant, guarding: Sequence[Dependant]) -> list[Dependant]:
    """Return the dependencies that are not among the guards."""
    return [each for each in dependant.dependencies if all(each is not guard for guard in guarding)]


def without_guards(dependant: Dependant, guarding: Sequence[Dependant], *, takes: bool) -> Dependant:
    """Return the dependant without its guards; if it takes their values, its function gets them from the request."""
    others = remaining(dependant, guarding)
    if not takes or dependant.call is None:
        return replace(dependant, dependencies=others)
    given = dependant.request_param_name
    call = _with_values(dependant.call, given)
    return replace(dependant, dependencies=others, call=call, request_param_name=given or _REQUEST)


def _with_values(call: Callable[..., Any], request_name: str | None) -> Callable[..., Any]:
    """Return the function, taking the guards' values from the request that FastAPI hands in."""

    def complete(values: dict[str, Any]) -> dict[str, Any]:
        request = values[request_name] if request_name else values.pop(_REQUEST)
        return {**values, **request.scope[VALUES]}

    if inspect.iscoroutinefunction(call):

        @wraps(call)
        async def awaited(**values: Any) -> Any:  # noqa: ANN401
            asynchronous: Callable[..., Awaitable[Any]] = call
            return await asynchronous(**complete(values))

        return awaited

    @wraps(call)
    def called(**values: Any) -> Any:  # noqa: ANN401
        return call(**complete(values))

    return called
