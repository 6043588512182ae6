"""What makes responses of what views return, and error handlers."""

from __future__ import annotations

import collections.abc as cabc
import types
import typing as t
import weakref

from flask import Flask
from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as SansIOResponse

from . import response_tuple
from .conversion import is_raised_by_converter
from .conversion import is_returned_by_converter
from .current_request import get_environ
from .current_request import has_failed
from .current_request import log_failure
from .problem import amend
from .problem import is_error_status
from .problem import Problem
from .problem_offers import STATIC_PROBLEM
from .response import compose
from .response import KitResponse
from .response import set_status_and_headers
from .response_tuple import unpack
from .stream import Streamed
from .vary import vary_later

if t.TYPE_CHECKING:
    from .policies import Policies
    from .policy import Policy
    from .typing import HeadersValue
    from .typing import Status

#: What Flask makes a response of without the response class being asked.
_FLASK_BODIES = (str, bytes, bytearray, tuple, cabc.Iterator, SansIOResponse)

_FORCE_TYPE = t.cast("types.MethodType", KitResponse.force_type).__func__

#: What Flask makes a response of as it is.
_TEXT = (str, bytes, bytearray, cabc.Iterator)

#: What Flask takes as data.
_DATA = (dict, list)


class ResponseMaker:
    """Makes the responses of one app.

    :param get_app: gives the app, which is not held.
    :param inner: the method ``make_response`` of Flask, or of the app's own, to be
        called with the app first.
    """

    def __init__(
        self,
        get_app: cabc.Callable[[], Flask],
        inner: cabc.Callable[..., Response],
        policies: Policies,
    ) -> None:
        self._get_app = get_app
        self._inner = inner
        self._policies = policies
        app = get_app()
        self._original = app.response_class
        app.response_class = compose(app.response_class, policies.options)
        #: The response classes that the app has had, and those of scopes and views, and
        #: what is made of them.
        self._classes: dict[type[Response], type[KitResponse]] = {}
        #: Types of data of which JSON is made in any case, and the class of responses
        #: with which it is; known from the first request on.
        self._settled: weakref.WeakKeyDictionary[type, type[KitResponse]]
        self._settled = weakref.WeakKeyDictionary()
        #: Whether nothing but Flask and the kit makes responses.
        self._is_alone = inner is Flask.make_response
        #: Whether data may hold what a converter makes an error of.
        self.has_converters = True
        #: Gives what took the place of Flask's method.
        self._get_installed: cabc.Callable[[], object] = lambda: None

    def install(self, app: Flask) -> None:
        """Take the place of the method ``make_response`` of an app."""
        make_response: cabc.Callable[[t.Any], Response] = self._make_response_around
        if self._is_alone:
            make_response = self._get_make_response()
            # It refers to this object, so the other way round it is a weak reference.
            self._get_installed = weakref.ref(make_response)
        app.make_response = make_response  # type: ignore[assignment,method-assign]

    def _class_of(self, app: Flask, policy: Policy | None = None) -> type[KitResponse]:
        """The class of responses, also where the app was given another by now."""
        policy = policy or self._policies.current()
        given = policy.response_class or app.response_class
        if given not in self._classes:
            self._classes[given] = compose(given, policy.options)
        return self._classes[given]

    def _get_make_response(self) -> t.Callable[[t.Any], Response]:
        get_app = self._get_app
        original = self._original
        classes = self._classes
        policies = self._policies
        registered = policies.root.converters.types
        make_of_data = self._make_of_data
        make_slowly = self.make_slowly

        def make_response(rv: t.Any) -> t.Any:
            # This runs once or twice a request: what is frequent comes first.
            app = get_app()
            kind = type(rv)
            if not policies.is_flat:
                return make_slowly(app, rv)
            cls = classes.get(app.response_class) or self._class_of(app)
            if kind is cls:
                return rv
            if not policies.is_simple:
                return make_slowly(app, rv)
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
                    return make_of_data(app, cls, body, status, headers)
            return make_slowly(app, rv)

        return make_response

    def make(self, app: Flask, rv: t.Any) -> Response:
        """Make a response of what a view returned."""
        return self._make_quickly(app, rv) or self.make_slowly(app, rv)

    def make_slowly(self, app: Flask, rv: t.Any) -> Response:
        """Make a response of anything."""
        cls = self._class_of(app)
        if type(rv) is cls:
            return t.cast("Response", rv)
        if isinstance(rv, HTTPException) and self._is_alone:
            # Each 404 comes by here: all that follows would lead to the same.
            return self._convert(app, rv, None, None)
        return self._make_of_parts(app, rv, *self.split(rv))

    def make_of_parts(
        self,
        app: Flask,
        body: t.Any,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> Response:
        """Make a response of a body with a status and headers, of which the body may
        bring its own.
        """
        body, own_status, own_headers = self.split(body)
        status = own_status if status is None else status
        headers = response_tuple.merge_headers(own_headers, headers)
        rv = (body, status, headers)
        return self._make_of_parts(app, rv, body, status, headers)

    def _make_of_parts(
        self,
        app: Flask,
        rv: t.Any,
        body: t.Any,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> Response:
        cls = self._class_of(app)
        if self._is_converted(type(body)):
            return self._convert(app, body, status, headers)
        if isinstance(body, _TEXT):
            return self._make_of_text(cls, body, status, headers)
        if isinstance(body, _DATA):
            return self._make_of_data(app, cls, body, status, headers)
        is_own = isinstance(body, (self._original, KitResponse))
        if not is_own and not _is_left_to_class(body):
            return self._make_by_inner(app, rv)
        # A response of a subclass stays one of it, and so does that of a view or scope.
        is_plain = type(body) in (self._original, app.response_class)
        if is_plain or not is_own:
            body = cls.force_type(body, get_environ())
        response: Response = body
        if self._policies.current().etag and not isinstance(response, KitResponse):
            # Flask could not do it.
            response.__class__ = compose(type(response), self._policies.options)
        set_status_and_headers(response, status, headers)
        return response

    def _make_quickly(self, app: Flask, rv: t.Any) -> Response | None:
        """Make a response of data for which JSON is chosen, without a detour."""
        policy = self._policies.current()
        cls = self._class_of(app, policy)
        body, status, headers = rv, None, None
        if type(rv) is tuple and 1 < len(rv) < 4:
            if policy.converters.lookup(tuple) is not None:
                return None
            body, status, headers = unpack(rv)
            is_usual = status is None or (type(status) is int and 100 <= status < 1000)
            if headers or not is_usual:
                return None
        kind = type(body)
        # Without a choice, Flask takes dicts and lists without asking the class.
        is_flasks = policy.is_simple and kind in _DATA
        if is_flasks or _has_own_force_type(cls):
            return None
        menu = policy.get_menu(kind)
        if not policy.chooses_data(menu):
            return None
        try:
            made = cls.from_data(body, app)
        except Exception as error:
            if menu.is_negotiated:
                vary_later()
            return self._answer_failure(app, body, error)
        if menu.is_negotiated:
            made.vary_by_accept()
        if status is not None:
            made.status_code = status
        is_only = policy is self._policies.root and not menu.is_negotiated
        if is_only and self._policies.is_settled:
            # There is one policy, and it has one answer.
            self._settled[kind] = cls
        return made

    def _make_of_data(
        self,
        app: Flask,
        cls: type[KitResponse],
        body: t.Any,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> Response:
        """Make a response of what can only be JSON, as Flask does."""
        try:
            response = cls.from_data(body, app)
        except Exception as error:
            return self._answer_failure(app, body, error)
        if status is not None or headers:
            set_status_and_headers(response, status, headers)
        return response

    def _make_of_text(
        self,
        cls: type[KitResponse],
        body: t.Any,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> Response:
        """Make a response of text, bytes or chunks of them, as Flask does, but with the
        content type that the view has declared, and no other.
        """
        content_type = self._policies.current().text_type
        if content_type is None or "Content-Type" in Headers(headers or ()):
            return cls(body, status=status, headers=headers)
        return cls.of_type(content_type, body, status=status, headers=headers)

    def _make_response_around(self, rv: t.Any) -> Response:
        """Let a method of the app's own see all that it saw without the kit, and a
        response in place of what it could only refuse.
        """
        app = self._get_app()
        body, status, headers = self.split(rv)
        policy = self._policies.current()
        if self._is_left_to_method(body):
            if isinstance(rv, tuple):
                rv = body, status, headers = self._settle_error(body, status, headers)
                policy = _pin(policy, rv)
        elif self._is_converted(type(body)):
            rv = self._convert(app, body, status, headers)
        elif policy.response_class is not None:
            rv = self.make_slowly(app, rv)
        with self._policies.force(policy):
            return self._make_by_inner(app, rv)

    def _is_left_to_method(self, body: object) -> bool:
        """Whether a value is an HTTP error that a method of the app's own is to see. If
        it makes nothing else of it, Flask asks the class.
        """
        if self._is_alone or not isinstance(body, HTTPException):
            return False
        return not self._policies.current().get_menu(type(body)).is_converted

    def _make_by_inner(self, app: Flask, rv: t.Any) -> Response:
        made_of = type(rv)
        response: Response = self._inner(app, rv)
        if response is rv and issubclass(made_of, KitResponse):
            # Flask has made it one of the app's class.
            response.__class__ = made_of
        if type(response) in (app.response_class, self._original):
            response.__class__ = self._class_of(app)
        return response

    def split(self, rv: t.Any) -> tuple[t.Any, Status | None, HeadersValue | None]:
        """Unpack a tuple of any class, as Flask does, unless a converter takes it."""
        if isinstance(rv, tuple) and 1 < len(rv) < 4:
            if not self._is_converted(type(rv)):
                return unpack(rv)
        return rv, None, None

    def _is_converted(self, cls: type) -> bool:
        """Whether values of a type are converted, and not what Flask takes as data."""
        if issubclass(cls, Streamed):
            return True
        policy = self._policies.current()
        registration = policy.converters.lookup(cls)
        if policy.is_simple:
            return registration is not None and not (
                registration.plain and issubclass(cls, _DATA)
            )
        return registration is not None or bool(policy.get_menu(cls).offers)

    def _convert(
        self,
        app: Flask,
        body: t.Any,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> Response:
        """Make a response of what a view returned, or an error handler."""
        may_succeed = True
        try:
            if isinstance(body, HTTPException) and (status is not None or headers):
                body, status, headers = self._settle_error(body, status, headers)
                may_succeed = self._policies.current().get_menu(type(body)).is_converted
            response = self._force_type(app, body, status, headers)
        except Exception as error:
            return self._answer_failure(app, body, error)
        if status is None and headers is None:
            return response
        outcome = response.status
        failed = may_succeed and response.status_code >= 400
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

    def _settle_error(
        self,
        error: HTTPException,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> tuple[HTTPException, Status | None, HeadersValue | None]:
        """Let a status that was said beside an error hold in its document, too, and
        what was said of a success not hold for a problem.
        """
        response_tuple.check((error, status, headers), "The view function")
        code = response_tuple.get_code(status)
        policy = self._policies.current()
        if is_error_status(code):
            policy = _pin(policy, (error, status, headers))
        form = policy.find_form(error)
        if form is None and not isinstance(error, Problem):
            return error, status, headers
        if not is_error_status(code):
            return error, None, response_tuple.drop_success(headers)
        headers = Headers(headers)
        named = headers.get("Content-Type", "").partition(";")[0].strip()
        if form is not None and not form.answers(named):
            # There is no such form, and the name of another would not be true.
            headers.remove("Content-Type")
        return amend(error, status=code), status, headers

    def _force_type(
        self,
        app: Flask,
        body: t.Any,
        status: Status | None,
        headers: HeadersValue | None,
    ) -> Response:
        cls = self._class_of(app)
        policy = pinned = self._policies.current()
        if headers and _may_be_pinned(policy, body):
            pinned = _pin(policy, (body, status, headers))
        if pinned is policy:
            return cls.force_type(body, get_environ())
        with self._policies.force(pinned):
            return cls.force_type(body, get_environ())

    def _is_flasks(self, body: object, error: Exception) -> bool:
        """Whether Flask would have met an error, too: data that is no JSON, or a page
        that cannot be written.
        """
        policy = self._policies.current()
        is_data = isinstance(body, _DATA) and policy.is_simple
        is_page = isinstance(body, HTTPException) and policy.problems == "off"
        return (is_data or is_page) and not is_raised_by_converter(error)

    def _answer_failure(self, app: Flask, body: object, error: Exception) -> Response:
        """Let an error of a conversion go its way, unless it is an error handler's
        value that could not be converted: an error is not handled a second time.
        """
        is_flasks = self._is_flasks(body, error)
        if is_flasks or not has_failed():
            raise error
        is_error = isinstance(body, HTTPException)
        if isinstance(error, HTTPException) and not is_error:
            if is_returned_by_converter(error):
                # It is what the value becomes, and no failure.
                return self._convert(app, error, None, None)
        return self.answer_failure(app, error)

    def answer_failure(self, app: Flask, error: Exception) -> Response:
        """Answer an error of which nothing else can be made, unless Flask would let it
        through, to a debugger or a test.
        """
        if _propagates(app):
            raise error
        log_failure(app, error, "an error was answered")
        # Whatever the scope says of response classes: this must not fail.
        cls = compose(app.response_class, self._policies.options)
        return cls.of_type("application/problem+json", STATIC_PROBLEM, status=500)

    def make_early(self, app: Flask, rv: t.Any) -> t.Any:
        """Convert where the app still handles errors. What Flask takes is left to the
        moment at which it makes its responses.
        """
        cls = self._settled.get(type(rv))
        if cls is not None and cls is self._classes.get(app.response_class):
            return self._make_of_data(app, cls, rv, None, None)
        body = rv
        policies = self._policies
        is_plain = type(rv) in _DATA and type(rv) not in policies.root.converters.types
        if not (is_plain and policies.is_simple):
            made = self._make_quickly(app, rv)
            if made is not None:
                return made
            body, status, headers = self.split(rv)
            if self._is_left_to_method(body):
                return rv
            if self._is_converted(type(body)):
                return self._convert(app, body, status, headers)
        # An extension that came later sees the data itself.
        is_alone = app.make_response is self._get_installed()
        if is_alone and self.has_converters and isinstance(body, _DATA):
            try:
                return app.make_response(rv)
            except Exception as error:
                if not self._is_flasks(body, error):
                    raise
        return rv


def _has_own_force_type(cls: type[KitResponse]) -> bool:
    function = t.cast("types.MethodType", cls.force_type).__func__
    return function is not _FORCE_TYPE


def _is_left_to_class(value: object) -> bool:
    """Whether Flask can only refuse a value, or would take the long way round."""
    return isinstance(value, (type, HTTPException)) or not (
        isinstance(value, _FLASK_BODIES) or callable(value)
    )


def _may_be_pinned(policy: Policy, body: object) -> bool:
    """Whether a content type that is said beside a body may choose what is sent."""
    registration = policy.converters.lookup(type(body))
    return isinstance(body, HTTPException) or policy.has_choice(registration)


def _pin(policy: Policy, rv: tuple[t.Any, t.Any, t.Any]) -> Policy:
    """What holds for a body beside which a status and headers are said.

    :raises TypeError: if they are none.
    """
    response_tuple.check(rv, "The view function")
    body, _, headers = rv
    content_type = Headers(headers).get("Content-Type")
    return policy.pin(content_type, type(body)) if content_type else policy


def _propagates(app: Flask) -> bool:
    """Whether Flask lets exceptions through."""
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    return app.testing or app.debug if propagate is None else bool(propagate)
