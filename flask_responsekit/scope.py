"""A scope: what a kit, or a blueprint of an app, says of its values."""

from __future__ import annotations

import collections.abc as cabc
import typing as t
import weakref

from flask import render_template
from werkzeug.wrappers import Response as WerkzeugResponse

from .libraries.registrations import MIMETYPES
from .negotiation import check_mimetype
from .offers import find_offer
from .offers import normalize
from .offers import offer_all
from .offers import offer_renderer
from .policies import ViewOptions
from .problem_map import check_exception
from .problem_map import ExceptionT
from .problem_map import ProblemMap
from .registration import check_key
from .registration import name_of
from .registration import refuse_setup
from .registry import ConverterRegistry
from .renderers.built_in import RENDERERS
from .views import convert_result

if t.TYPE_CHECKING:
    from flask import Response

    from .policies import Policies
    from .problem_map import MakeProblem
    from .renderers.protocol import Renderer
    from .typing import Converter
    from .typing import ConverterT
    from .typing import NotAcceptableMode
    from .typing import ProblemsMode
    from .typing import ViewDecorator

P = t.ParamSpec("P")

NOT_ACCEPTABLE_MODES: t.Final = (None, "406", "fallback")
PROBLEMS_MODES: t.Final = ("negotiate", "always", "off")


class Scope:
    """What holds for the views of a blueprint, and of those that are nested in it.

    Made by :meth:`ResponseKit.scope`. A scope looks in itself first, and then in what
    is around it, up to the kit, which is the outermost scope.
    """

    #: The converters of this scope by type. Works as a container of the types.
    converters: ConverterRegistry
    #: The renderers in server order; ``None`` for those of the scope around this one.
    renderers: tuple[str | Renderer, ...] | None
    #: Whether what accepts nothing of what there is is refused (``"406"``), or gets
    #: the first offer (``"fallback"``); ``None`` for what holds around this scope.
    not_acceptable: NotAcceptableMode
    #: Whether HTTP errors are sent as problems; ``None`` for what holds around this
    #: scope.
    problems: ProblemsMode | None
    #: What responses are made of; ``None`` for the class of the scope around this one.
    response_class: type[Response] | None

    def __init__(
        self,
        *,
        converters: ConverterRegistry | None = None,
        renderers: cabc.Iterable[str | Renderer] | None = None,
        not_acceptable: NotAcceptableMode = None,
        problems: ProblemsMode | None = None,
        response_class: type[Response] | None = None,
        followers: weakref.WeakSet[Policies] | None = None,
    ) -> None:
        _check_mode("not_acceptable", not_acceptable, NOT_ACCEPTABLE_MODES)
        _check_mode("problems", problems, (None, *PROBLEMS_MODES))
        check_response_class(response_class)
        if isinstance(renderers, cabc.Iterable) and not isinstance(renderers, str):
            renderers = tuple(renderers)
        if renderers is not None:
            offer_all(renderers)
        self.converters = ConverterRegistry() if converters is None else converters
        self.renderers = t.cast("tuple[str | Renderer, ...] | None", renderers)
        self.not_acceptable = not_acceptable
        self.problems = problems
        self.response_class = response_class
        #: The converters of this scope for one media type each, by media type.
        self.formats: dict[str, ConverterRegistry] = {}
        #: What makes problems of exceptions.
        self.problem_map = ProblemMap()
        #: The renderers that come after the others.
        self.added_renderers: list[Renderer] = []
        #: Told when something is said in a scope.
        self.followers: weakref.WeakSet[Policies]
        self.followers = weakref.WeakSet() if followers is None else followers
        self._frozen = False

    # Set-up.

    def converter(
        self, cls: type | str, *, mimetype: str | None = None, replace: bool = False
    ) -> cabc.Callable[[ConverterT], ConverterT]:
        """Register the decorated function, as :meth:`add_converter` does."""
        check_key(cls)

        def register(function: ConverterT) -> ConverterT:
            self.add_converter(cls, function, mimetype=mimetype, replace=replace)
            return function

        return register

    def add_converter(
        self,
        cls: type | str,
        converter: Converter,
        *,
        mimetype: str | None = None,
        replace: bool = False,
    ) -> None:
        """Register what makes something simpler of the values of a type.

        A converter takes the value, and returns a ``Response`` or something simpler
        that is converted again: another type, plain data, text or bytes, or a tuple of
        one of these with a status and headers.

        :param cls: the type, or its public dotted name, such as
            ``"pandas.DataFrame"``: what has that name is looked up when it is needed
            and loaded, so nothing is imported.
        :param mimetype: what the converter gives is of this media type, and is sent if
            the client likes it best. It is used for values that a view returns, not
            for those inside other data. Data that it gives is written by the renderer
            of the media type, or of its suffix, such as ``+json``.
        :param replace: take the place of a converter that is registered for the same
            type and media type. The built-in ones give way without it.
        :raises AssertionError: after the first request.
        :raises TypeError: if an argument is not what it should be.
        :raises ValueError: if the name is not dotted, the media type is malformed, or
            the type has a converter.
        """
        if mimetype is None:
            self.converters.add(cls, converter, replace=replace)
        else:
            check_mimetype(mimetype)
            self._check_setup("add_converter", converter)
            registry = self.formats.setdefault(normalize(mimetype), ConverterRegistry())
            registry.add(cls, converter, mimetype=mimetype, replace=replace)
        self._changed()

    def add_template(
        self,
        cls: type | str,
        template: str,
        *,
        name: str = "value",
        replace: bool = False,
    ) -> None:
        """Represent the values of a type as HTML, by a template of Jinja.

        :param template: the name of the template, as :func:`flask.render_template`
            takes it.
        :param name: what the value is called in the template.
        :raises ValueError: if the name is no identifier, or the type has a converter
            for ``text/html``.
        """
        if not name.isidentifier():
            raise ValueError(f"{name!r} cannot be the name of a value in a template.")

        def render(value: object) -> str:
            return render_template(template, **{name: value})

        render.__qualname__ = f"add_template({template!r})"
        self.add_converter(cls, render, mimetype="text/html", replace=replace)

    def add_renderer(self, renderer: Renderer) -> None:
        """Enable a renderer, after the others.

        It takes the place of one for the same media type that is enabled around this
        scope, or by the configuration.

        :param renderer: an object with ``mimetype`` and ``render``, see
            :class:`Renderer`.
        :raises AssertionError: after the first request.
        :raises TypeError: if it is no renderer.
        :raises ValueError: if its media type is malformed, or was added before.
        """
        self._check_setup("add_renderer", renderer)
        offer = offer_renderer(renderer)
        for other in self.added_renderers:
            if normalize(other.mimetype) == normalize(offer.mimetype):
                raise ValueError(
                    f"{renderer!r} cannot be added: {other!r} already renders"
                    f" {offer.mimetype!r} here."
                )
        self.added_renderers.append(renderer)
        self._changed()

    def problem(
        self, cls: type[ExceptionT], *, replace: bool = False
    ) -> cabc.Callable[[MakeProblem[ExceptionT]], MakeProblem[ExceptionT]]:
        """Register the decorated function, as :meth:`add_problem` does."""
        check_exception(cls)

        def register(function: MakeProblem[ExceptionT]) -> MakeProblem[ExceptionT]:
            self.add_problem(cls, function, replace=replace)
            return function

        return register

    def add_problem(
        self,
        cls: type[ExceptionT],
        function: MakeProblem[ExceptionT],
        *,
        replace: bool = False,
    ) -> None:
        """Answer the exceptions of a class with problems.

        .. code-block:: python

            @kit.problem(OutOfStockError)
            def say_out_of_stock(error):
                return Problem(409, title="Out of stock", item=error.item)

        The function is an error handler of Flask's, so that Flask looks it up as any
        other: the nearest class counts, and a blueprint comes before the app. A handler
        that the app or blueprint has for the same class takes precedence. What becomes
        a problem with a status from 500 on is logged.

        HTTP errors are not given to a function for a class that is farther from them
        than :exc:`~werkzeug.exceptions.HTTPException`, such as :exc:`Exception`, nor
        problems to one for :exc:`~werkzeug.exceptions.HTTPException`.

        :param cls: the class of exceptions.
        :param function: takes the exception, and returns a :class:`Problem`.
        :param replace: take the place of another function for the class.
        :raises AssertionError: after the first request.
        :raises TypeError: if an argument is not what it should be.
        :raises ValueError: if the class has a function.
        """
        self._check_setup("add_problem", function)
        self.problem_map.add(cls, function, replace=replace)

    @t.overload
    def view(  # type: ignore[overload-overlap]
        self, function: cabc.Callable[P, cabc.Coroutine[t.Any, t.Any, object]], /
    ) -> cabc.Callable[P, cabc.Coroutine[t.Any, t.Any, Response]]: ...

    @t.overload
    def view(
        self, function: cabc.Callable[P, object], /
    ) -> cabc.Callable[P, Response]: ...

    @t.overload
    def view(
        self,
        /,
        *,
        produces: str | cabc.Iterable[str] | None = None,
        etag: bool | None = None,
        response_class: type[Response] | None = None,
    ) -> ViewDecorator: ...

    def view(
        self,
        function: cabc.Callable[..., t.Any] | None = None,
        /,
        *,
        produces: str | cabc.Iterable[str] | None = None,
        etag: bool | None = None,
        response_class: type[Response] | None = None,
    ) -> t.Any:
        """Make a view that returns a response of one that returns a value.

        Put it under the route. Type checkers then take the view, whatever it returns;
        and what is said here holds for this view alone.

        .. code-block:: python

            @app.get("/users/<int:id>")
            @kit.view(produces=("application/json", "text/csv"))
            def show_user(id: int) -> User: ...

        :param produces: the media types that the view can send, or the short names of
            renderers, in server order. A request that accepts none of them is a 406,
            and the view does not run. Built-in renderers need not be enabled.
        :param etag: whether to send an ETag and to answer conditional requests;
            ``None`` for what ``RESPONSEKIT_ETAG`` says.
        :param response_class: what the response is made of.
        :raises ModuleNotFoundError: if a library that a renderer needs is missing.
        :raises TypeError: if an argument is not what it should be.
        :raises ValueError: if a media type is malformed.
        """
        check_response_class(response_class)
        if etag not in (None, True, False):
            raise TypeError(f"etag={etag!r} is neither True, False nor None.")
        options = ViewOptions(self._check_produces(produces), etag, response_class)

        def decorate(function: cabc.Callable[..., t.Any]) -> t.Any:
            return convert_result(function, options)

        return decorate if function is None else decorate(function)

    def _check_produces(
        self, produces: str | cabc.Iterable[str] | None
    ) -> tuple[str, ...] | None:
        if produces is None:
            return None
        mimetypes = (produces,) if isinstance(produces, str) else produces
        mimetypes = tuple(mimetypes) if isinstance(mimetypes, cabc.Iterable) else ()
        if not mimetypes or not all(one and isinstance(one, str) for one in mimetypes):
            raise TypeError(
                f"produces={produces!r} is not a list of media types and short names of"
                " renderers, of which there is at least one."
            )
        objects = (*(self.renderers or ()), *self.added_renderers)
        added = [offer_renderer(one) for one in objects if not isinstance(one, str)]
        names = {*RENDERERS, *(offer.name for offer in added)}
        mimetypes = tuple(
            one if one in names else MIMETYPES.get(one, one) for one in mimetypes
        )
        for mimetype in mimetypes:
            if "/" in mimetype:
                check_mimetype(mimetype)
            if "/" in mimetype or mimetype in RENDERERS:
                # Otherwise, it names a renderer that need not be there yet.
                find_offer(mimetype, added, formulas="escape")
        return mimetypes

    def _check_setup(self, method: str, thing: object) -> None:
        if self._frozen:
            refuse_setup(method, thing)

    def _changed(self) -> None:
        for policies in self.followers:
            policies.reset()

    # Requests.

    @property
    def registries(self) -> tuple[ConverterRegistry, ...]:
        """All that is registered in this scope."""
        return (self.converters, *self.formats.values())

    def freeze(self) -> None:
        """Refuse to be told more."""
        self._frozen = True
        for registry in self.registries:
            registry.freeze()


def _check_mode(name: str, mode: object, modes: tuple[str | None, ...]) -> None:
    if mode not in modes:
        raise ValueError(
            f"{name} is {mode!r}. It can be one of {', '.join(map(repr, modes))}."
        )


def check_response_class(cls: object) -> None:
    """Refuse what no responses can be made of."""
    if cls is None or (isinstance(cls, type) and issubclass(cls, WerkzeugResponse)):
        return
    raise TypeError(
        f"{name_of(cls)} is no response class. Give a subclass of flask.Response."
    )
