"""The policies of an app: which one holds for a request."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import contextvars
import dataclasses
import typing as t
import weakref

from flask import has_request_context
from flask import request

from .chain import ConverterChain
from .offers import normalize
from .offers import offer_all
from .offers import offer_renderer
from .policy import Policy
from .prefixes import get_start

if t.TYPE_CHECKING:
    from flask import Flask
    from flask import Response

    from .extension import ResponseKit
    from .install import Installation
    from .offers import WritableOffer
    from .policy import Options
    from .registry import ConverterRegistry
    from .scope import Scope
    from .typing import ProblemsMode


@dataclasses.dataclass(eq=False, repr=False)
class ViewOptions:
    """What one view says for itself."""

    #: The media types, or the short names of renderers, in server order.
    produces: tuple[str, ...] | None = None
    etag: bool | None = None
    response_class: type[Response] | None = None


#: What holds for the moment, and the app and request for which it does.
_forced: contextvars.ContextVar[tuple[Policies, object, Policy] | None]
_forced = contextvars.ContextVar("flask_responsekit.policy", default=None)

#: The modes of ``not_acceptable``.
_REFUSES = {None: None, "406": True, "fallback": False}


class Policies:
    """The policies of one app, made when they are first needed.

    :param get_app: gives the app, which is not held.
    :param kit: the scope around all others.
    """

    def __init__(
        self, get_app: cabc.Callable[[], Flask], kit: ResponseKit, options: Options
    ) -> None:
        self._get_app = get_app
        #: The scope around all others.
        self.kit = kit
        self.options = options
        self.reset()
        kit.followers.add(self)

    def reset(self) -> None:
        """Follow what was said in a scope since."""
        if self._get_app() is None:
            # The kit is there for another app.
            return
        self._by_endpoint: dict[str | None, Policy] = {}
        self._by_scopes: dict[tuple[Scope, ...], Policy] = {}
        #: What the URLs of a scope begin with, the longest first; from the first
        #: request on to a URL that matches no view.
        self._by_start: list[tuple[str, list[str]]] | None = None
        # A view may be made in each request, so what is known of one goes with it.
        self._by_view: cabc.MutableMapping[ViewOptions, dict[Policy, Policy]]
        self._by_view = weakref.WeakKeyDictionary()
        #: What holds outside of all other scopes.
        self.root = self._find((self.kit,))
        #: One policy holds everywhere, apart from views that say something themselves.
        self.is_flat = not self.kit.scopes
        #: All data becomes JSON.
        self.is_simple = self.is_flat and self.root.is_simple
        #: Some requests are refused before their view runs.
        self.may_refuse = (
            self.options.format_parameter is not None
            or self.options.not_acceptable == "406"
            or any(scope.not_acceptable == "406" for scope in self.scopes)
        )

    @property
    def is_settled(self) -> bool:
        """Whether data becomes JSON from here on, whatever is asked for, unless the
        view, or the type of the data, has more to offer.
        """
        return self.is_simple and self.root.converters.is_settled

    @property
    def scopes(self) -> cabc.Iterable[Scope]:
        """All scopes, the root first."""
        return (self.kit, *self.kit.scopes.values())

    # Requests.

    def current(self) -> Policy:
        """What holds for the current request, or outside of one."""
        forced = _forced.get()
        if forced is not None:
            owner, request_then, forced_policy = forced
            if owner is self and request_then is _get_request():
                return forced_policy
        if self.is_flat or not self._has_request():
            return self.root
        endpoint = request.endpoint
        policy = self._by_endpoint.get(endpoint)
        if policy is None:
            policy = self._find(self._nest(self.get_names()))
            if endpoint is not None:
                self._by_endpoint[endpoint] = policy
        return policy

    def get_names(self) -> cabc.Sequence[str]:
        """The blueprints of the current request, the innermost first, by the names
        under which they are registered.
        """
        if request.endpoint is not None:
            return request.blueprints
        starts = self._by_start
        if starts is None:
            starts = self._by_start = self._find_starts()
        path = f"{request.path}/"
        found = (names for start, names in starts if path.startswith(start))
        return next(found, ())

    def get_converters(self) -> ConverterRegistry:
        """The converters that hold for the current request, or outside of one."""
        if self.is_flat:
            return self.root.converters
        return self.current().converters

    @contextlib.contextmanager
    def force(self, policy: Policy) -> cabc.Iterator[None]:
        """Let a policy hold for the moment."""
        token = _forced.set((self, _get_request(), policy))
        try:
            yield
        finally:
            _forced.reset(token)

    def for_view(self, view: ViewOptions) -> Policy:
        """What holds for a view of the current request."""
        policy = self.current()
        known = self._by_view.setdefault(view, {})
        found = known.get(policy)
        if found is None:
            found = known[policy] = dataclasses.replace(
                policy,
                produces=view.produces,
                response_class=view.response_class or policy.response_class,
                etag=policy.etag if view.etag is None else view.etag,
            )
        return found

    def _has_request(self) -> bool:
        """Whether there is a request, and it is one to this app."""
        if not has_request_context():
            return False
        # Set by Flask: the provider that the app had when it was asked.
        provider = request.json_module
        find_converters = getattr(provider, "find_converters", None)
        owner = getattr(find_converters, "__self__", None)
        return owner is self or provider is self._get_app().json

    def _nest(self, names: cabc.Iterable[str]) -> tuple[Scope, ...]:
        """The scopes of blueprints, which are one in the other.

        A blueprint may be registered at several places, so which scope is in which is
        known only by the full name.
        """
        blueprints = self._get_app().blueprints
        found = (
            self.kit.scopes.get(blueprints[name])
            for name in names
            if name in blueprints
        )
        return (*(scope for scope in found if scope is not None), self.kit)

    def _find_starts(self) -> list[tuple[str, list[str]]]:
        app = self._get_app()
        found = [
            (get_start(prefix), prefix, name)
            for prefixes in self.kit.prefixes
            for name, prefix in prefixes.find(app)
        ]
        # Of those that begin alike, the one around the others is meant; of those at the
        # same place, the innermost.
        found.sort(key=lambda row: (-len(row[0]), len(row[1]), -row[2].count(".")))
        return [(start, list(_get_names(name))) for start, _, name in found]

    def _find(self, scopes: tuple[Scope, ...]) -> Policy:
        # By another thread, all may be forgotten in between.
        known = self._by_scopes
        policy = known.get(scopes)
        if policy is None:
            policy = known[scopes] = self._make(scopes)
        return policy

    def _make(self, scopes: tuple[Scope, ...]) -> Policy:
        refuses = (scope.not_acceptable for scope in scopes)
        mode = next(filter(None, refuses), self.options.not_acceptable)
        modes = (scope.problems for scope in scopes)
        problems = next(filter(None, modes), self.options.problems)
        classes = (scope.response_class for scope in scopes)
        return Policy(
            self.options,
            _chain([scope.converters for scope in scopes]),
            self._chain_formats(scopes),
            self._get_rendered(scopes),
            refuses=_REFUSES[mode],
            problems=t.cast("ProblemsMode", problems),
            response_class=next(filter(None, classes), None),
            etag=self.options.etag,
        )

    def _chain_formats(self, scopes: tuple[Scope, ...]) -> dict[str, ConverterRegistry]:
        mimetypes = {mimetype: None for scope in scopes for mimetype in scope.formats}
        return {
            mimetype: _chain(
                [one.formats[mimetype] for one in scopes if mimetype in one.formats]
            )
            for mimetype in mimetypes
        }

    def _get_rendered(self, scopes: tuple[Scope, ...]) -> tuple[WritableOffer, ...]:
        offers: dict[str, WritableOffer] = {}
        enabled = self.kit.renderers or self.options.renderers
        for scope in reversed(scopes):
            if scope.renderers is not None:
                enabled = scope.renderers
            if scope is self.kit or scope.renderers is not None:
                every = offer_all(enabled, formulas=self.options.formulas)
                offers = {normalize(offer.mimetype): offer for offer in every}
            for renderer in scope.added_renderers:
                offer = offer_renderer(renderer)
                offers[normalize(offer.mimetype)] = offer
        return tuple(map(self._follow_provider, offers.values()))

    def _follow_provider(self, offer: WritableOffer) -> WritableOffer:
        """Offer JSON as what the app's provider sends it as."""
        mimetype = getattr(self._get_app().json, "mimetype", offer.mimetype)
        if not offer.is_json or mimetype == offer.mimetype:
            return offer
        aliases = (offer.mimetype, *offer.aliases)
        return dataclasses.replace(offer, mimetype=mimetype, aliases=aliases)


def get_installation(app: Flask) -> Installation:
    """What a kit has installed on an app.

    :raises RuntimeError: if the app has no kit.
    """
    installation = app.extensions.get("responsekit")
    if installation is None:
        raise RuntimeError(
            f"The app {app.name!r} has no kit. Initialize it first: ResponseKit(app)."
        )
    return t.cast("Installation", installation)


def get_policy(app: Flask) -> Policy:
    """The policy that holds on an app at the moment.

    :raises RuntimeError: if the app has no kit.
    """
    return get_installation(app).policies.current()


def _get_names(name: str) -> cabc.Iterator[str]:
    """The name of a blueprint and those of the blueprints around it."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _get_request() -> object:
    if not has_request_context():
        return None
    return request._get_current_object()  # type: ignore[attr-defined]


def _chain(registries: list[ConverterRegistry]) -> ConverterRegistry:
    return registries[0] if len(registries) == 1 else ConverterChain(*registries)
