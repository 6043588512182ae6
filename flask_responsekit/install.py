"""What a kit changes on an app: its response class, its JSON provider, and the three
methods in which Flask comes by its responses.

Nothing here holds the app, or a bound method of it: an app with a kit is freed when its
last reference goes, as one without.
"""

from __future__ import annotations

import collections.abc as cabc
import typing as t
import weakref

from flask import Flask
from flask import has_request_context
from flask import request
from flask import Response
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as SansIOResponse

from . import json
from . import response_tuple
from .conversion import is_raised_by_converter
from .json import KitJSONProvider
from .response import compose
from .response import get_environ
from .response import KitResponse
from .response import Policy
from .response import set_status_and_headers
from .response_tuple import unpack

if t.TYPE_CHECKING:
    from .typing import HeadersValue
    from .typing import Status

#: Sent when what an error handler returned could not be converted (RFC 9457).
_STATIC_PROBLEM = b'{"type":"about:blank","title":"Internal Server Error","status":500}'

#: Where a request keeps that its dispatching has failed.
_FAILED = "flask_responsekit.failed"

#: What Flask makes a response of without the response class being asked.
_FLASK_BODIES = (str, bytes, bytearray, tuple, cabc.Iterator, SansIOResponse)

#: What Flask takes as data.
_DATA = (dict, list)


def install(app: Flask, policy: Policy) -> None:
    """Put a policy into force on an app."""
    app.extensions["responsekit"] = policy
    _teach_json(app, policy)
    Installation(app, policy).wrap_methods(app)


def _teach_json(app: Flask, policy: Policy) -> None:
    provider = app.json
    json.install(provider, policy.converters)
    if "jinja_env" in vars(app):
        # The |tojson filter was given the method that the provider had before.
        policies = app.jinja_env.policies
        function = policies["json.dumps_function"]
        if getattr(function, "__self__", None) is provider:
            policies["json.dumps_function"] = provider.dumps


class Installation:
    """What the wrapped methods of one app share."""

    def __init__(self, app: Flask, policy: Policy) -> None:
        self._get_app = t.cast("t.Callable[[], Flask]", weakref.ref(app))
        self._policy = policy
        self._converters = policy.converters
        self._original = app.response_class
        app.response_class = compose(app.response_class, policy)
        #: The response classes that the app has had, and what is made of them.
        self._classes: dict[type[Response], type[KitResponse]] = {}
        self._inner = _get_method(app, "make_response")
        #: Whether nothing but Flask and the kit makes responses.
        self._is_alone = self._inner is Flask.make_response
        #: Types that need no converting before Flask makes its responses; known from
        #: the first request on.
        self._left_to_flask: set[type] = set()

    def wrap_methods(self, app: Flask) -> None:
        """Put the kit before the methods of Flask, or of the app's own."""
        make_response: t.Callable[[t.Any], Response] = self._make_response_around
        if self._is_alone:
            make_response = self._get_make_response()
        app.make_response = make_response  # type: ignore[assignment,method-assign]
        self._make_response = make_response
        self._wrap_preprocess_request(app)
        self._wrap_dispatch_request(app)

    def _class_of(self, app: Flask) -> type[KitResponse]:
        """The class of responses, also where the app was given another by now."""
        given = app.response_class
        if given not in self._classes:
            self._classes[given] = compose(given, self._policy)
        return self._classes[given]

    # Making responses.

    def _get_make_response(self) -> t.Callable[[t.Any], Response]:
        get_app = self._get_app
        original = self._original
        classes = self._classes
        registered = self._converters.types
        make_slowly = self._make_slowly

        def make_response(rv: t.Any) -> t.Any:
            # This runs once or twice a request: what is frequent comes first.
            app = get_app()
            cls = classes.get(app.response_class) or self._class_of(app)
            kind = type(rv)
            if kind is cls:
                return rv
            if kind is original:
                rv.__class__ = cls
                return rv
            body, status, headers = rv, None, None
            if kind is tuple and 1 < len(rv) < 4 and tuple not in registered:
                body, status, headers = unpack(rv)
                kind = type(body)
            if kind not in registered:
                if kind is str or kind is bytes:
                    return cls(body, status=status, headers=headers)
                if kind is dict or kind is list:
                    try:
                        response = cls.from_data(body, app.json)
                    except Exception as error:
                        return self._answer_failure(app, body, error)
                    if body is not rv:
                        set_status_and_headers(response, status, headers)
                    return response
            return make_slowly(app, rv)

        return make_response

    def _make_slowly(self, app: Flask, rv: t.Any) -> Response:
        body, status, headers = self._split(rv)
        cls = self._class_of(app)
        if self._converters.lookup(type(body)) is not None:
            return self._convert(app, body, status, headers)
        if not isinstance(body, self._original) and not _is_left_to_class(body):
            return self._make_by_inner(app, rv)
        # A response of a subclass stays one of it.
        is_plain = type(body) in (self._original, app.response_class)
        if is_plain or not isinstance(body, self._original):
            body = cls.force_type(body, get_environ())
        response: Response = body
        set_status_and_headers(response, status, headers)
        return response

    def _make_response_around(self, rv: t.Any) -> Response:
        """Let a method of the app's own see all that it saw without the kit, and a
        response in place of what it could only refuse.
        """
        app = self._get_app()
        body, status, headers = self._split(rv)
        if self._is_converted(type(body)):
            rv = self._convert(app, body, status, headers)
        return self._make_by_inner(app, rv)

    def _make_by_inner(self, app: Flask, rv: t.Any) -> Response:
        response: Response = self._inner(app, rv)
        if type(response) in (app.response_class, self._original):
            response.__class__ = self._class_of(app)
        return response

    def _split(self, rv: t.Any) -> tuple[t.Any, Status | None, HeadersValue | None]:
        """Unpack a tuple of any class, as Flask does, unless a converter takes it."""
        if isinstance(rv, tuple) and 1 < len(rv) < 4:
            if self._converters.lookup(type(rv)) is None:
                return unpack(rv)
        return rv, None, None

    def _is_converted(self, cls: type) -> bool:
        """Whether values of a type are converted, and not what Flask takes as data."""
        if cls in _DATA and cls not in self._converters.types:
            return False
        registration = self._converters.lookup(cls)
        return registration is not None and not (
            registration.plain and issubclass(cls, _DATA)
        )

    def _convert(
        self,
        app: Flask,
        body: t.Any,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> Response:
        """Make a response of what a view returned, or an error handler."""
        try:
            response = self._class_of(app).force_type(body, get_environ())
        except Exception as error:
            return self._answer_failure(app, body, error)
        if status is None and headers is None:
            return response
        outcome = response.status
        failed = response.status_code >= 400
        try:
            response_tuple.check((body, status, headers), "The view function")
            set_status_and_headers(response, status, headers)
        except Exception:
            response.close()
            raise
        if failed and response.status_code < 400:
            # The view's status was meant for a value that could be converted.
            response.status = outcome
        return response

    def _answer_failure(self, app: Flask, body: object, error: Exception) -> Response:
        """Let an error of a conversion go its way, unless it is an error handler's
        value that could not be converted: an error is not handled a second time.
        """
        is_flasks = _is_flasks(body, error)
        if is_flasks or not _has_failed() or _propagates(app):
            raise error
        app.logger.exception("What an error handler returned could not be converted.")
        cls = self._class_of(app)
        return cls(_STATIC_PROBLEM, status=500, content_type="application/problem+json")

    # Where errors are handled.

    def _wrap_preprocess_request(self, app: Flask) -> None:
        get_app = self._get_app
        policy = self._policy
        left_to_flask = self._left_to_flask
        inner = _get_method(app, "preprocess_request")

        def preprocess_request(*args: t.Any) -> t.Any:
            app = get_app()
            if not left_to_flask:
                self._start(app)
            if not isinstance(app.json, KitJSONProvider):
                # The app was given another since.
                _teach_json(app, policy)
            try:
                rv = inner(app, *args)
                return rv if rv is None else self._convert_early(app, rv)
            except Exception:
                _note_failure()
                raise

        app.preprocess_request = preprocess_request  # type: ignore[method-assign]

    def _wrap_dispatch_request(self, app: Flask) -> None:
        get_app = self._get_app
        inner = _get_method(app, "dispatch_request")
        left_to_flask = self._left_to_flask
        registered = self._converters.types

        def dispatch_request(*args: t.Any) -> t.Any:
            app = get_app()
            try:
                rv = inner(app, *args)
                body = rv[0] if type(rv) is tuple and rv else rv
                if type(body) in left_to_flask and tuple not in registered:
                    return rv
                return self._convert_early(app, rv)
            except Exception:
                _note_failure()
                raise

        app.dispatch_request = dispatch_request  # type: ignore[method-assign]

    def _start(self, app: Flask) -> None:
        """Begin the first request."""
        self._converters.freeze()
        left = {str, bytes, Response, app.response_class}
        if not self._converters.own:
            # Otherwise, a dict or list may hold what a converter makes an error of.
            left |= {dict, list}
        self._left_to_flask |= left - self._converters.types.keys()

    def _convert_early(self, app: Flask, rv: t.Any) -> t.Any:
        """Convert where the app still handles errors. What Flask takes is left to the
        moment at which it makes its responses.
        """
        body, status, headers = self._split(rv)
        if self._is_converted(type(body)):
            return self._convert(app, body, status, headers)
        # An extension that came later sees the data itself.
        is_alone = self._is_alone and app.make_response == self._make_response
        if is_alone and self._converters.own and isinstance(body, _DATA):
            try:
                return app.make_response(rv)
            except Exception as error:
                if not _is_flasks(body, error):
                    raise
        return rv


def _get_method(app: Flask, name: str) -> t.Callable[..., t.Any]:
    """A method of an app, to be called with the app first; or what an extension has put
    in its place, which is not.
    """
    replaced = vars(app).get(name)
    if replaced is None:
        return t.cast("t.Callable[..., t.Any]", getattr(type(app), name))
    return lambda app, *args: replaced(*args)


def _is_flasks(body: object, error: Exception) -> bool:
    """Whether Flask would have met an error, too: data that is no JSON."""
    return isinstance(body, _DATA) and not is_raised_by_converter(error)


def _is_left_to_class(value: object) -> bool:
    """Whether Flask can only refuse a value, or would take the long way round."""
    return isinstance(value, (type, HTTPException)) or not (
        isinstance(value, _FLASK_BODIES) or callable(value)
    )


def _propagates(app: Flask) -> bool:
    """Whether Flask lets exceptions through, to a debugger or a test."""
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    return app.testing or app.debug if propagate is None else bool(propagate)


def _note_failure() -> None:
    """Remember that from here on it is an error that is answered."""
    if has_request_context():
        request.environ[_FAILED] = True


def _has_failed() -> bool:
    return has_request_context() and _FAILED in request.environ
