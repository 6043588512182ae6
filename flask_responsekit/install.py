"""What a kit changes on an app: its response class, its JSON provider, and the methods
in which Flask comes by its responses and answers errors.

Nothing here holds the app, or a bound method of it: an app with a kit is freed when its
last reference goes, as one without.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import functools
import typing as t
import weakref

from flask import Flask
from flask import request
from flask import Response

from . import json
from .aborter import teach_problems
from .current_request import close_stream
from .current_request import note_failure
from .making import ResponseMaker
from .policies import Policies
from .problem_map import ErrorHandler
from .problem_map import find_handler
from .problem_offers import is_final
from .response import KitResponse
from .views import DECLARES

if t.TYPE_CHECKING:
    from flask.json.provider import JSONProvider

    from .extension import ResponseKit
    from .policies import ViewOptions
    from .policy import Options
    from .typing import HeadersValue
    from .typing import Status


def install(app: Flask, kit: ResponseKit, options: Options) -> None:
    """Put into force on an app what a kit and its scopes say."""
    provider = app.json
    if options.json == "msgspec":
        # Not at the top: most apps have no use for it, and all import this module.
        from .json.msgspec import replace_provider

        replace_provider(app)
    get_app = t.cast("t.Callable[[], Flask]", weakref.ref(app))
    policies = Policies(get_app, kit, options)
    _teach_json(app, policies, provider)
    teach_problems(app.aborter)
    installation = Installation(app, get_app, policies)
    installation.wrap_methods(app)
    app.extensions["responsekit"] = installation


def _teach_json(
    app: Flask, policies: Policies, present: JSONProvider | None = None
) -> None:
    """Teach the JSON provider of an app the converters of a kit.

    :param present: the one that the app had before.
    """
    provider = app.json
    json.install(provider, policies.get_converters)
    if "jinja_env" in vars(app):
        # The |tojson filter was given the method that the provider had before.
        json_policies = app.jinja_env.policies
        function = json_policies["json.dumps_function"]
        if getattr(function, "__self__", None) in (provider, present):
            json_policies["json.dumps_function"] = provider.dumps


class Installation:
    """What the wrapped methods of one app share."""

    def __init__(
        self, app: Flask, get_app: t.Callable[[], Flask], policies: Policies
    ) -> None:
        #: What holds, by request.
        self.policies = policies
        self._get_app = get_app
        inner = _get_method(app, "make_response")
        self._maker = ResponseMaker(get_app, inner, policies)
        #: The JSON provider that knows the converters.
        self._provider = app.json
        #: Types that need no converting before Flask makes its responses; known from
        #: the first request on.
        self._left_to_flask: set[type] = set()
        #: Whether a tuple may be something else than a body with a status or headers.
        self._takes_tuples = True
        self._is_started = False

    def wrap_methods(self, app: Flask) -> None:
        """Put the kit before the methods of Flask, or of the app's own."""
        self._maker.install(app)
        self._wrap_preprocess_request(app)
        self._wrap_dispatch_request(app)
        self._wrap_handle_user_exception(app)
        self._wrap_handle_exception(app)

    # Views that say something themselves.

    @contextlib.contextmanager
    def begin_view(
        self, options: ViewOptions
    ) -> cabc.Iterator[cabc.Callable[[t.Any], Response]]:
        """Let hold what a view says for itself, and give what makes its response.

        :raises NotAcceptable: if the request accepts nothing of what it declares.
        """
        policy = self.policies.for_view(options)
        if options.produces is not None:
            policy.check_request()
        with self.policies.force(policy):
            yield functools.partial(self._respond, options)

    def _respond(self, options: ViewOptions, rv: t.Any) -> Response:
        response = self._maker.make(self._get_app(), rv)
        if options.etag is not None and isinstance(response, KitResponse):
            response.etag = options.etag
        return response

    def respond_with(
        self, body: t.Any, status: Status | None, headers: HeadersValue | None
    ) -> Response:
        """Make a response of a body with a status and headers."""
        return self._maker.make_of_parts(self._get_app(), body, status, headers)

    # Where errors are handled.

    def _wrap_preprocess_request(self, app: Flask) -> None:
        policies = self.policies
        inner = _get_method(app, "preprocess_request")

        def preprocess_request(*args: t.Any) -> t.Any:
            app = self._begin()
            if app.json is not self._provider:
                # The app was given another since.
                _teach_json(app, policies)
                policies.reset()
                self._provider = app.json
            try:
                rv = inner(app, *args)
                return rv if rv is None else self._maker.make_early(app, rv)
            except Exception:
                note_failure()
                raise

        app.preprocess_request = preprocess_request  # type: ignore[method-assign]

    def _wrap_dispatch_request(self, app: Flask) -> None:
        get_app = self._get_app
        policies = self.policies
        left_to_flask = self._left_to_flask
        inner = _get_method(app, "dispatch_request")

        def dispatch_request(*args: t.Any) -> t.Any:
            app = get_app()
            try:
                if policies.may_refuse:
                    self._check_request(app)
                rv = inner(app, *args)
                body = rv[0] if type(rv) is tuple and rv else rv
                if type(body) in left_to_flask and not self._takes_tuples:
                    return rv
                return self._maker.make_early(app, rv)
            except Exception:
                note_failure()
                raise

        app.dispatch_request = dispatch_request  # type: ignore[method-assign]

    def _wrap_handle_user_exception(self, app: Flask) -> None:
        inner = _get_method(app, "handle_user_exception")

        def handle_user_exception(*args: t.Any) -> t.Any:
            app = self._begin()
            error = args[-1]
            if request.endpoint is None and not self.policies.is_flat:
                handler = self._find_handler(app, error)
                if handler is not None:
                    return handler(error)
            return inner(app, *args)

        app.handle_user_exception = (  # type: ignore[method-assign]
            handle_user_exception  # type: ignore[assignment]
        )

    def _wrap_handle_exception(self, app: Flask) -> None:
        inner = _get_method(app, "handle_exception")

        def handle_exception(*args: t.Any, **kwargs: t.Any) -> t.Any:
            # It may come from where a response was made or changed.
            note_failure()
            close_stream()
            app = self._begin()
            try:
                return inner(app, *args, **kwargs)
            except Exception as error:
                is_off = self.policies.current().problems == "off"
                if error is args[-1] or is_off:
                    # It is let through on purpose, or as Flask does.
                    raise
                return self._maker.answer_failure(app, error)

        app.handle_exception = handle_exception  # type: ignore[method-assign]

    def _find_handler(self, app: Flask, error: Exception) -> ErrorHandler | None:
        """Find what a scope has for an error at a URL that matches no view. Flask asks
        the app alone, so other handlers of the blueprint are not meant.
        """
        names = self.policies.get_names()
        if is_final(error) or not names:
            return None
        handler = find_handler(app, error, names)
        is_apps = handler is find_handler(app, error, ())
        is_ours = isinstance(handler, ErrorHandler) and not is_apps
        return handler if is_ours else None

    def _register_handlers(self, app: Flask) -> None:
        kit = self.policies.kit
        handlers = app.error_handler_spec
        for name, blueprint in app.blueprints.items():
            if blueprint in kit.scopes:
                kit.scopes[blueprint].problem_map.register(handlers[name])
        kit.problem_map.register(handlers[None])

    def _begin(self) -> Flask:
        """The app, which has begun its first request by now."""
        app = self._get_app()
        if not self._is_started:
            self._start(app)
        return app

    def _start(self, app: Flask) -> None:
        """Take all that was set up as final."""
        self.policies.kit.freeze()
        # The app has all of its own by now, and those come first.
        self._register_handlers(app)
        # Since it was set up, the app may have been, too.
        self.policies.reset()
        registries = [
            registry for scope in self.policies.scopes for registry in scope.registries
        ]
        types = {cls for registry in registries for cls in registry.types}
        self._takes_tuples = tuple in types
        has_converters = any(registry.own for registry in registries)
        self._maker.has_converters = has_converters
        left = {str, bytes, Response, app.response_class}
        if self.policies.is_simple and not has_converters:
            # Otherwise, it is negotiated what a dict or list is sent as, or it may hold
            # what a converter makes an error of.
            left |= {dict, list}
        self._left_to_flask |= left - types
        self._is_started = True

    def _check_request(self, app: Flask) -> None:
        """Refuse a request that its scope refuses, before the view runs.

        :raises NotAcceptable: if it is refused.
        """
        endpoint = request.endpoint
        if endpoint is None or endpoint.rpartition(".")[2] == "static":
            # There is no view, or one that sends files of any type.
            return
        is_options = request.method == "OPTIONS"
        if is_options and getattr(request.url_rule, "provide_automatic_options", False):
            return
        if not _declares(app.view_functions.get(endpoint)):
            self.policies.current().check_request()


def _get_method(app: Flask, name: str) -> t.Callable[..., t.Any]:
    """A method of an app, to be called with the app first; or what an extension has put
    in its place, which is not.
    """
    replaced = vars(app).get(name)
    if replaced is None:
        return t.cast("t.Callable[..., t.Any]", getattr(type(app), name))
    return lambda app, *args, **kwargs: replaced(*args, **kwargs)


def _declares(view: t.Any) -> bool:
    """Whether a view, or the method of a class-based one, says what it produces."""
    view_class = getattr(view, "view_class", None)
    method = request.method.lower()
    names = (method, "get" if method == "head" else method, "dispatch_request")
    methods = [getattr(view_class, name, None) for name in names]
    functions = (view, getattr(view, "func", None), *methods)
    return any(getattr(one, DECLARES, False) for one in functions)
