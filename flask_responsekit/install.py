"""What a kit changes on an app: its response class, its JSON provider, and the three
methods in which Flask makes responses.

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
from .registry import unpack
from .response import compose
from .response import get_environ
from .response import KitResponse
from .response import Policy
from .response import set_status_and_headers

if t.TYPE_CHECKING:
    from .registry import ConverterRegistry
    from .typing import HeadersValue
    from .typing import Status

#: Sent when what an error handler returned could not be converted (RFC 9457).
_STATIC_PROBLEM = b'{"type":"about:blank","title":"Internal Server Error","status":500}'

#: Where a request keeps that its dispatching has failed.
_FAILED = "flask_responsekit.failed"

#: What Flask makes a response of without the response class being asked.
_FLASK_BODIES = (str, bytes, bytearray, tuple, cabc.Iterator, SansIOResponse)

#: Data that Flask takes.
_FLASK_DATA = (dict, list)


def install(app: Flask, policy: Policy) -> None:
    """Put a policy into force on an app."""
    original = app.response_class
    app.response_class = compose(original, policy)
    app.extensions["responsekit"] = policy
    _teach_json(app, policy)
    _wrap_make_response(app, policy, original)
    left_to_flask: set[type] = set()
    _wrap_preprocess_request(app, policy, left_to_flask)
    _wrap_dispatch_request(app, policy, left_to_flask)


def _teach_json(app: Flask, policy: Policy) -> None:
    provider = app.json
    json.install(provider, policy.converters)
    if "jinja_env" in vars(app):
        # The |tojson filter was given the method that the provider had before.
        policies = app.jinja_env.policies
        function = policies["json.dumps_function"]
        if getattr(function, "__self__", None) is provider:
            policies["json.dumps_function"] = provider.dumps


def _get_method(app: Flask, name: str) -> t.Callable[..., t.Any]:
    """A method of an app, to be called with the app first; or what an extension has put
    in its place, which is not.
    """
    replaced = vars(app).get(name)
    if replaced is None:
        return t.cast("t.Callable[..., t.Any]", getattr(type(app), name))
    return lambda app, *args: replaced(*args)


def _wrap_make_response(app: Flask, policy: Policy, original: type[Response]) -> None:
    reference = weakref.ref(app)
    inner = _get_method(app, "make_response")
    # A method of the app's own must see what it saw before.
    is_flasks = inner is Flask.make_response
    converters = policy.converters
    registered = converters.types
    own_class = t.cast("type[KitResponse]", app.response_class)
    classes: dict[type[Response], type[KitResponse]] = {own_class: own_class}

    def make_response(rv: t.Any) -> Response:
        # This runs once or twice a request: what is frequent comes first.
        app = t.cast("Flask", reference())
        given = app.response_class
        cls = classes.get(given)
        if cls is None:
            cls = classes[given] = compose(given, policy)
        kind = type(rv)
        if kind is cls:
            return t.cast("Response", rv)
        if kind is original:
            rv.__class__ = cls
            return t.cast("Response", rv)
        body, status, headers = rv, None, None
        if kind is tuple and 1 < len(rv) < 4 and tuple not in registered:
            body, status, headers = unpack(rv)
            kind = type(body)
        if is_flasks and kind not in registered:
            if kind is str or kind is bytes:
                return cls(body, status=status, headers=headers)
            if kind is dict or kind is list:
                try:
                    written = cls.from_data(body, app.json)
                except Exception:
                    return _answer_failure(app, cls, is_flasks=not converters.own)
                if body is not rv:
                    set_status_and_headers(written, status, headers)
                return written
        if converters.lookup(kind) is not None:
            if is_flasks or not isinstance(body, (dict, list)):
                return _convert(app, cls, body, status, headers)
        elif isinstance(rv, tuple) and type(rv) is not tuple:
            # Flask unpacks a tuple of any class.
            return make_response(tuple(rv))
        elif is_flasks and (isinstance(body, original) or _is_left_to_class(body)):
            # A response of a subclass stays one of it.
            if kind is original or not isinstance(body, original):
                body = cls.force_type(body, get_environ())
            response: Response = body
            set_status_and_headers(response, status, headers)
            return response
        made = inner(app, rv)
        if type(made) is given:
            made.__class__ = cls
        return t.cast("Response", made)

    app.make_response = make_response  # type: ignore[method-assign]


def _is_left_to_class(value: object) -> bool:
    """Whether Flask can only refuse a value, or would take the long way round."""
    return isinstance(value, (type, HTTPException)) or not (
        isinstance(value, _FLASK_BODIES) or callable(value)
    )


def _convert(
    app: Flask,
    cls: type[KitResponse],
    body: t.Any,
    status: Status | None,
    headers: HeadersValue | None,
) -> Response:
    """Convert what a view returned, or an error handler."""
    try:
        response = cls.force_type(body, get_environ())
    except Exception:
        return _answer_failure(app, cls)
    outcome = response.status
    failed = response.status_code >= 400
    set_status_and_headers(response, status, headers)
    if failed and response.status_code < 400:
        # The view's status was meant for a value that could be converted.
        response.status = outcome
    return response


def _answer_failure(
    app: Flask, cls: type[KitResponse], *, is_flasks: bool = False
) -> Response:
    """Let an error of a conversion go its way, unless it is an error handler's value
    that could not be converted: an error is not handled a second time.

    :param is_flasks: the value was one that Flask takes, so it decides.
    """
    has_failed = has_request_context() and _FAILED in request.environ
    if is_flasks or not has_failed or _propagates(app):
        _note_failure()
        raise
    app.logger.exception("What an error handler returned could not be converted.")
    return cls(_STATIC_PROBLEM, 500, content_type="application/problem+json")


def _propagates(app: Flask) -> bool:
    """Whether Flask lets exceptions through, to a debugger or a test."""
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    return app.testing or app.debug if propagate is None else bool(propagate)


def _note_failure() -> None:
    """Remember that from here on it is an error that is answered."""
    if has_request_context():
        request.environ[_FAILED] = True


def _wrap_preprocess_request(
    app: Flask, policy: Policy, left_to_flask: set[type]
) -> None:
    reference = weakref.ref(app)
    inner = _get_method(app, "preprocess_request")
    converters = policy.converters

    def preprocess_request(*args: t.Any) -> t.Any:
        app = t.cast("Flask", reference())
        if not left_to_flask:
            converters.freeze()
            left_to_flask.update(_find_left_to_flask(app, converters))
        if not isinstance(app.json, json.KitJSONProvider):
            _teach_json(app, policy)
        try:
            rv = inner(app, *args)
            return rv if rv is None else _convert_early(app, rv, converters)
        except Exception:
            _note_failure()
            raise

    app.preprocess_request = preprocess_request  # type: ignore[method-assign]


def _wrap_dispatch_request(
    app: Flask, policy: Policy, left_to_flask: set[type]
) -> None:
    reference = weakref.ref(app)
    inner = _get_method(app, "dispatch_request")
    converters = policy.converters

    def dispatch_request(*args: t.Any) -> t.Any:
        app = t.cast("Flask", reference())
        try:
            rv = inner(app, *args)
            if type(rv) in left_to_flask:
                return rv
            return _convert_early(app, rv, converters)
        except Exception:
            _note_failure()
            raise

    app.dispatch_request = dispatch_request  # type: ignore[method-assign]


def _find_left_to_flask(app: Flask, converters: ConverterRegistry) -> set[type]:
    """The types that need no converting before Flask makes its responses."""
    left = {str, bytes, Response, app.response_class} - converters.types.keys()
    # A dict or list may hold something of which a converter is made an error.
    return left if converters.own else left | {dict, list}


def _convert_early(app: Flask, rv: t.Any, converters: ConverterRegistry) -> t.Any:
    """Convert what Flask would refuse where errors are still handled by the app. The
    rest is left to the moment at which Flask makes its responses.
    """
    kind: type = type(rv)
    if kind is tuple and 1 < len(rv) < 4 and tuple not in converters.types:
        kind = type(rv[0])
    registration = converters.lookup(kind)
    if registration is None or (kind in _FLASK_DATA and not converters.own):
        return rv
    return app.make_response(rv)
