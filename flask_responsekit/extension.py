"""The extension: configures a kit, and installs it on apps."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

from flask import Blueprint
from flask import current_app
from flask import has_app_context
from flask import Response

from .converters import BUILT_IN
from .install import install
from .json import get_to_plain
from .json import JSON_PROVIDERS
from .offers import offer_all
from .plain import to_plain
from .policies import get_installation
from .policy import Options
from .prefixes import Prefixes
from .registration import name_of
from .registry import ConverterRegistry
from .scope import NOT_ACCEPTABLE_MODES
from .scope import PROBLEMS_MODES
from .scope import Scope
from .stream import Stream

if t.TYPE_CHECKING:
    from flask import Flask

    from .renderers.protocol import Renderer
    from .typing import HeadersValue
    from .typing import NotAcceptableMode
    from .typing import ProblemsMode
    from .typing import Status

#: The options of which the key has one of a few values.
_CHOICES: dict[str, tuple[str, tuple[t.Any, ...]]] = {
    "not_acceptable": ("RESPONSEKIT_NOT_ACCEPTABLE", NOT_ACCEPTABLE_MODES),
    "problems": ("RESPONSEKIT_PROBLEMS", PROBLEMS_MODES),
    "sniffing": ("RESPONSEKIT_SNIFF", (True, False, "strict")),
    "nosniff": ("RESPONSEKIT_NOSNIFF", (True, False)),
    "etag": ("RESPONSEKIT_ETAG", (True, False)),
    "formulas": ("RESPONSEKIT_CSV_FORMULAS", ("escape", "raw", "reject")),
    "json": ("RESPONSEKIT_JSON", JSON_PROVIDERS),
}
_DEFAULTS = Options()


class ResponseKit(Scope):
    """Return anything from a view; the client gets the right response.

    .. code-block:: python

        kit = ResponseKit(app)

        @kit.converter(Money)
        def money(value):
            return {"amount": str(value.amount), "currency": value.currency}

    One kit serves any number of apps: see :meth:`init_app`.

    :param app: call :meth:`init_app` with this app.
    :param renderers: what data is written by, in server order: short names (``"json"``,
        ``"xml"``, ``"csv"``, ``"yaml"``, ``"msgpack"``, ``"ndjson"``, ``"text"``) or
        renderer objects. ``None`` for what ``RESPONSEKIT_RENDERERS`` says.
    :param json: ``"msgspec"``: let :class:`.MsgspecJSONProvider` take the place of
        ``app.json``. ``None`` for what ``RESPONSEKIT_JSON`` says.
    :raises ModuleNotFoundError: if a library that one of these needs is missing.
    :raises TypeError: if one is no renderer.
    :raises ValueError: if a name is unknown, or a media type has two renderers.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        renderers: cabc.Iterable[str | Renderer] | None = None,
        json: t.Literal["msgspec"] | None = None,
    ) -> None:
        converters = ConverterRegistry(built_in=BUILT_IN)
        super().__init__(converters=converters, renderers=renderers)
        #: What takes the place of the JSON provider of apps.
        self.json: t.Literal["msgspec"] | None = _check_choice(
            "json", json, JSON_PROVIDERS
        )
        #: The scopes of blueprints.
        self.scopes: dict[object, Scope] = {}
        #: The URL prefixes of these blueprints.
        self.prefixes: list[Prefixes] = []
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Install the kit on an app.

        These keys of :attr:`app.config <flask.Flask.config>` are read here:

        ``RESPONSEKIT_RENDERERS``
            ``["json"]`` (default): the renderers in server order, as short names or
            renderer objects, unless the kit was given its own.

        ``RESPONSEKIT_NOT_ACCEPTABLE``
            ``None`` (default): a request that accepts nothing of what there is is a 406
            where it is declared what there is, and gets the first offer elsewhere.
            ``"406"``, ``"fallback"``: one of the two everywhere.

        ``RESPONSEKIT_FORMAT_PARAMETER``
            ``None`` (default), or the name of a query parameter that chooses by short
            name, in place of ``Accept``.

        ``RESPONSEKIT_PROBLEMS``
            ``"negotiate"`` (default): HTTP errors are problem details for clients that
            prefer JSON or XML, and Flask's pages of HTML for others; a
            :class:`Problem` also for clients that accept anything. ``"always"``: they
            are problem details for all. ``"off"``: they are Flask's pages.

        ``RESPONSEKIT_SNIFF``
            ``True`` (default): text and bytes that a view returns without a content
            type get the one that their content has. ``"strict"``: also, text that does
            not begin with ``<`` is ``text/plain``. ``False``: they get the default of
            the response class, as in Flask.

        ``RESPONSEKIT_NOSNIFF``
            ``True`` (default): send ``X-Content-Type-Options: nosniff`` with bodies
            that got their content type from the kit.

        ``RESPONSEKIT_ETAG``
            ``False`` (default). ``True``: send an ETag with each 200 to GET and HEAD
            whose body is no stream, and answer conditional requests.

        ``RESPONSEKIT_CSV_FORMULAS``
            ``"escape"`` (default): text that a spreadsheet would run gets a ``'`` in
            front. ``"raw"``: it is written as it is. ``"reject"``: it is an error.

        ``RESPONSEKIT_JSON``
            ``None`` (default): JSON is written by the provider that the app has.
            ``"msgspec"``: by a :class:`.MsgspecJSONProvider` in its place, which takes
            over its ``sort_keys``, ``compact``, ``mimetype`` and ``default`` where
            these were set.

        :raises ModuleNotFoundError: if a library that one of these needs is missing.
        :raises RuntimeError: if a kit is already installed on the app.
        :raises ValueError: if a key has a value that it cannot have.
        """
        if "responsekit" in app.extensions:
            raise RuntimeError(
                "A 'ResponseKit' instance has already been registered on this Flask"
                " app. Import and use that instance instead."
            )
        choices = {name: _read_choice(app, name) for name in _CHOICES}
        options = Options(
            renderers=_read_renderers(app, choices["formulas"]),
            format_parameter=_read_parameter(app),
            **{**choices, "json": self.json or choices["json"]},
        )
        install(app, self, options)

    def scope(
        self,
        blueprint: Blueprint,
        *,
        renderers: cabc.Iterable[str | Renderer] | None = None,
        not_acceptable: NotAcceptableMode = None,
        problems: ProblemsMode | None = None,
        response_class: type[Response] | None = None,
    ) -> Scope:
        """Let something else hold for the views of a blueprint, and of those nested in
        it.

        The blueprint may be registered before or after, once or several times, and the
        kit may have its apps already.

        :param renderers: as for the kit; ``None`` for those of the scope around.
        :param not_acceptable: ``"406"``: refuse a request that accepts nothing of what
            there is before its view runs. ``"fallback"``: answer it with the first
            offer. ``None`` for what holds around the scope.
        :param problems: ``"negotiate"``, ``"always"`` or ``"off"``, as for
            ``RESPONSEKIT_PROBLEMS``; ``None`` for what holds around the scope. It holds
            for URLs under the prefix of the blueprint that match no view, too.
        :param response_class: what responses are made of; ``None`` for the class that
            holds around the scope.
        :raises AssertionError: after the first request.
        :raises ModuleNotFoundError: if a library that a renderer needs is missing.
        :raises TypeError: if an argument is not what it should be.
        :raises ValueError: if the blueprint has a scope, or a value cannot be.
        """
        self._check_setup("scope", blueprint)
        if not isinstance(blueprint, Blueprint):
            raise TypeError(
                f"{name_of(blueprint)} is no blueprint, so it has no scope."
            )
        if blueprint in self.scopes:
            raise ValueError(
                f"The blueprint {blueprint.name!r} already has a scope of this kit. Use"
                " the one that was returned for it."
            )
        scope = self.scopes[blueprint] = Scope(
            renderers=renderers,
            not_acceptable=not_acceptable,
            problems=problems,
            response_class=response_class,
            followers=self.followers,
        )
        self.prefixes.append(Prefixes(blueprint))
        self._changed()
        return scope

    def stream(
        self,
        iterable: cabc.Iterable[object] | cabc.AsyncIterable[object],
        *,
        mimetype: str | None = None,
        chunk_size: int = 65536,
        headers: HeadersValue | None = None,
        filename: str | None = None,
    ) -> Stream:
        """Rows for a view to return, which are sent as they are read: see
        :class:`Stream`, which takes the same.
        """
        return Stream(
            iterable,
            mimetype=mimetype,
            chunk_size=chunk_size,
            headers=headers,
            filename=filename,
        )

    def response(
        self,
        value: object,
        status: Status | None = None,
        headers: HeadersValue | None = None,
    ) -> Response:
        """Make the response that a view would make by returning this.

        Outside of a request, as if the client accepted anything.

        :param status: beats what the value, or a converter, says.
        :param headers: beat what the value, or a converter, says.

        :raises RuntimeError: outside of an app context.
        """
        installation = get_installation(
            current_app._get_current_object()  # type: ignore[attr-defined]
        )
        return installation.respond_with(value, status, headers)

    def to_plain(self, value: object) -> t.Any:
        """Make plain data (``None``, bool, int, float, str, list and dict) of a value
        and all that stands in it: what the JSON of the current app says.

        :raises ConverterNotFoundError: if no converter takes a value.
        """
        if has_app_context():
            app = current_app._get_current_object()  # type: ignore[attr-defined]
            installation = app.extensions.get("responsekit")
            if installation is not None and installation.policies.kit is self:
                return get_to_plain(app, self.converters)(value)
        return to_plain(value, self.converters)

    def freeze(self) -> None:
        """Refuse to be told more."""
        super().freeze()
        for scope in self.scopes.values():
            scope.freeze()


def _read_choice(app: Flask, name: str) -> t.Any:
    key, allowed = _CHOICES[name]
    value = app.config.setdefault(key, getattr(_DEFAULTS, name))
    return _check_choice(key, value, allowed)


def _check_choice(key: str, value: t.Any, allowed: tuple[t.Any, ...]) -> t.Any:
    # By type as well, since 1 == True.
    if not any(type(value) is type(one) and value == one for one in allowed):
        choices = ", ".join(map(repr, allowed))
        raise ValueError(f"{key} is {value!r}. It can be one of {choices}.")
    return value


def _read_renderers(app: Flask, formulas: str) -> tuple[str | Renderer, ...]:
    key = "RESPONSEKIT_RENDERERS"
    value = app.config.setdefault(key, [*_DEFAULTS.renderers])
    is_list = isinstance(value, cabc.Iterable) and not isinstance(value, str)
    renderers = tuple(value) if is_list else value
    try:
        offer_all(renderers, formulas=formulas)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{key} is {value!r}. {error}") from None
    return t.cast("tuple[str | Renderer, ...]", renderers)


def _read_parameter(app: Flask) -> str | None:
    key = "RESPONSEKIT_FORMAT_PARAMETER"
    value = app.config.setdefault(key, None)
    if value is not None and (not isinstance(value, str) or not value):
        raise ValueError(
            f"{key} is {value!r}. It can be None, or the name of a query parameter."
        )
    return value
