"""Views that return values of any type, as functions that return a response."""

from __future__ import annotations

import collections.abc as cabc
import functools
import inspect
import typing as t

from flask import current_app

from .policies import get_installation
from .registration import name_of

if t.TYPE_CHECKING:
    from flask import Response

    from .policies import ViewOptions

#: Marks a view that declares what it produces, so that its scope does not.
DECLARES: t.Final = "_responsekit_declares"


def convert_result(
    function: cabc.Callable[..., t.Any], options: ViewOptions
) -> cabc.Callable[..., t.Any]:
    """Make a function that returns a response of one that returns a value.

    :raises TypeError: if it is a class.
    """
    if isinstance(function, type) or not callable(function):
        raise TypeError(
            f"kit.view decorates a function, not {name_of(function)}. In a class-based"
            " view, decorate its methods, or set 'decorators = [kit.view]'."
        )
    is_async = inspect.iscoroutinefunction(function)
    view = (_convert_awaited if is_async else _convert)(function, options)
    if options.produces is not None:
        vars(view)[DECLARES] = True
    return view


def _convert(
    function: cabc.Callable[..., t.Any], options: ViewOptions
) -> cabc.Callable[..., Response]:
    @functools.wraps(function)
    def view(*args: t.Any, **kwargs: t.Any) -> Response:
        with _begin(options) as respond:
            return respond(function(*args, **kwargs))

    return view


def _convert_awaited(
    function: cabc.Callable[..., t.Any], options: ViewOptions
) -> cabc.Callable[..., cabc.Awaitable[Response]]:
    @functools.wraps(function)
    async def view(*args: t.Any, **kwargs: t.Any) -> Response:
        with _begin(options) as respond:
            return respond(await function(*args, **kwargs))

    return view


def _begin(
    options: ViewOptions,
) -> t.ContextManager[cabc.Callable[[t.Any], Response]]:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return get_installation(app).begin_view(options)
