"""Exceptions of the app as problems."""

from __future__ import annotations

import collections.abc as cabc
import inspect
import typing as t

from flask import current_app
from flask import request
from werkzeug.exceptions import HTTPException

from .problem import amend
from .problem import Problem
from .registration import name_of

if t.TYPE_CHECKING:
    from flask import Flask

ExceptionT = t.TypeVar("ExceptionT", bound=Exception)

#: Takes an exception of the class it is registered for; returns a problem.
MakeProblem: t.TypeAlias = cabc.Callable[[ExceptionT], Problem]


class ProblemMap:
    """What makes problems of exceptions, by their class."""

    def __init__(self) -> None:
        self._handlers: dict[type[Exception], ErrorHandler] = {}

    def add(
        self,
        cls: type[ExceptionT],
        function: MakeProblem[ExceptionT],
        *,
        replace: bool = False,
    ) -> None:
        """Register what makes problems of the exceptions of a class.

        :param replace: take the place of another function for the class.
        :raises TypeError: if an argument is not what it should be.
        :raises ValueError: if the class is taken.
        """
        check_exception(cls)
        _check_function(cls, function)
        present = self._handlers.get(cls)
        if present is not None and not replace:
            raise ValueError(
                f"{name_of(cls)} already has the function {name_of(present.function)},"
                f" so {name_of(function)} cannot be registered as well. Pass"
                " replace=True to let it take over."
            )
        self._handlers[cls] = ErrorHandler(cls, function)

    def register(
        self, handlers: dict[int | None, dict[type[Exception], t.Any]]
    ) -> None:
        """Put the functions among the error handlers of an app or a blueprint, where
        the class has none yet.
        """
        for cls, handler in self._handlers.items():
            # As Flask does: HTTP errors are looked up by code first.
            code = cls.code if issubclass(cls, HTTPException) else None
            handlers[code].setdefault(cls, handler)


class ErrorHandler:
    """Answers exceptions with the problem that a function makes of them.

    An HTTP error says by itself what it is, and a problem all the more. So they are not
    given to a function for a class that is farther from them than HTTPException or
    Problem, such as Exception, or KeyError for Werkzeug's BadRequestKeyError.
    """

    def __init__(self, cls: type[Exception], function: MakeProblem[t.Any]) -> None:
        self.function = function
        self._cls = cls

    def takes(self, error: Exception) -> bool:
        """Whether the function is asked."""
        bases = type(error).__mro__
        kinds = (kind for kind in (Problem, HTTPException) if kind in bases)
        kind = next(kinds, self._cls)
        return bases.index(self._cls) <= bases.index(kind)

    def __call__(self, error: Exception) -> t.Any:
        # Flask has logged what it makes a 500 of.
        is_logged = getattr(error, "original_exception", None) is not None
        if not self.takes(error):
            app = current_app._get_current_object()  # type: ignore[attr-defined]
            other = find_handler(app, error, request.blueprints)
            if other is not None:
                return app.ensure_sync(other)(error)
            if not is_logged and app.trap_http_exception(error):
                raise error
            return error
        problem = self.function(error)
        if not isinstance(problem, Problem):
            raise TypeError(
                f"{name_of(self.function)} returned a {type(problem).__qualname__} for"
                f" {name_of(type(error))}. Return a Problem."
            ) from error
        if problem.status >= 500 and not is_logged:
            # It is answered, but it is still a fault of the server. As Flask's
            # log_exception, which takes other arguments from one version to another.
            current_app.logger.error(
                "Exception on %s [%s]", request.path, request.method, exc_info=error
            )
        if isinstance(error, HTTPException) and error.code == problem.code:
            # Such as Allow, which a 405 must have (RFC 9110, section 15.5.6).
            problem = amend(problem, headers=error.get_headers(request.environ))
        return problem


def find_handler(app: Flask, error: Exception, names: cabc.Iterable[str]) -> t.Any:
    """Find the error handler that takes an exception, in the order of Flask: by code,
    then by class; of blueprints, then of the app.

    :param names: the blueprints, the innermost first.
    """
    code = error.code if isinstance(error, HTTPException) else None
    codes = (None,) if code is None else (code, None)
    spec = app.error_handler_spec
    for handlers in (spec[name][one] for one in codes for name in (*names, None)):
        for cls in type(error).__mro__:
            handler = handlers.get(cls)
            is_passed = isinstance(handler, ErrorHandler) and not handler.takes(error)
            if handler is not None and not is_passed:
                return handler
    return None


def check_exception(cls: object) -> None:
    """Refuse what is not the class of exceptions that can be handled."""
    if not (isinstance(cls, type) and issubclass(cls, Exception)):
        raise TypeError(
            f"{name_of(cls)} is no class of exceptions. Give one, such as"
            " kit.problem(OutOfStockError), or kit.add_problem(OutOfStockError,"
            " function)."
        )


def _check_function(cls: type[Exception], function: object) -> None:
    if not callable(function) or isinstance(function, (type, HTTPException)):
        raise TypeError(
            f"{function!r} cannot be the function for {name_of(cls)}. Give a function"
            " that takes the exception and returns a Problem."
        )
    if inspect.iscoroutinefunction(function):
        raise TypeError(
            f"The function {name_of(function)} for {name_of(cls)} is a coroutine"
            " function, and is called without await. Give a plain function; await what"
            " it needs in the view."
        )
