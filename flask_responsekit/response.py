"""The response class: convert a value until it is a response.

.. code-block:: text

    view value --converter--> simpler value --converter--> plain data --> app.json
        |-- HTTPException: its own response
        |-- str, bytes, file: sniffed
        '-- Response, iterator, WSGI application: as in Flask
"""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import inspect
import typing as t

from flask import current_app
from flask import has_request_context
from flask import request
from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.sansio.response import Response as SansIOResponse
from werkzeug.utils import get_content_type

from .conversion import convert
from .exceptions import ConverterNotFoundError
from .files import FileBody
from .sniffing import RECODED
from .sniffing import sniff_content_type

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask
    from flask.json.provider import JSONProvider

    from .registry import ConverterRegistry
    from .typing import HeadersValue
    from .typing import Sniffing
    from .typing import Status

#: Defaults that the text of a converter must not get by itself.
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", None})
_NO_NAMES: frozenset[str] = frozenset()
_BYTES = (bytes, bytearray)
#: What Werkzeug makes of the most frequent types.
_CONTENT_TYPES = {
    mimetype: get_content_type(mimetype, "utf-8")
    for mimetype in ("text/html", "text/plain", "application/json")
}


@dataclasses.dataclass(frozen=True)
class Policy:
    """What holds for one app."""

    #: What makes something simpler of a value.
    converters: ConverterRegistry
    #: ``RESPONSEKIT_SNIFF``.
    sniffing: Sniffing
    #: ``RESPONSEKIT_NOSNIFF``.
    nosniff: bool


class KitResponse(Response):
    """A :class:`flask.Response` that is made of any type with a converter, and that
    finds the content type of a body that came without one.
    """

    #: Whether to sniff text and bytes without a content type, and how strictly.
    sniffing: t.ClassVar[Sniffing] = True
    #: Whether to forbid clients to guess another type than the one the kit found.
    nosniff: t.ClassVar[bool] = True

    #: The type that sniffing gave to bytes which may turn out to be compressed.
    _recoded: str | None = None
    #: The kit added ``X-Content-Type-Options``.
    _guessing_forbidden = False

    def __init__(
        self,
        response: t.Any = None,
        status: t.Any = None,
        headers: t.Any = None,
        mimetype: str | None = None,
        content_type: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        kind = type(response)
        sniffed = None
        given: cabc.Set[str] = _NO_NAMES
        if headers:
            if not isinstance(headers, Headers):
                headers = Headers(headers)
            given = {name.lower() for name, _ in headers}
        if mimetype is None and content_type is None and "content-type" not in given:
            # Werkzeug looks for the header only if it is given no type.
            mimetype = self.default_mimetype
            if (
                mimetype is not None
                and self.sniffing
                and not direct_passthrough
                and (
                    kind is str or (kind in _BYTES and "content-encoding" not in given)
                )
            ):
                content_type = sniffed = sniff_content_type(
                    response, default=mimetype, strict=self.sniffing == "strict"
                )
        if content_type is None and mimetype in _CONTENT_TYPES:
            content_type = _CONTENT_TYPES[mimetype]
        if (
            (kind is str or kind is bytes)
            and "content-length" not in given
            and type(self).set_data is Response.set_data
        ):
            # Werkzeug would look for a length that it has to replace. This is what
            # makes up for what the kit costs elsewhere.
            super().__init__(
                None, status, headers, mimetype, content_type, direct_passthrough
            )
            body = response.encode() if kind is str else response
            self.response = [body]
            if self.automatically_set_content_length:
                self.headers.add("Content-Length", str(len(body)))
        else:
            super().__init__(
                response, status, headers, mimetype, content_type, direct_passthrough
            )
        if sniffed is not None:
            self._forbid_guessing()
            if sniffed in RECODED:
                self._recoded = sniffed

    def _forbid_guessing(self) -> None:
        """Have clients keep to the type that the kit has found."""
        if not self.nosniff:
            return
        # Most often there are but a type and a length, and no need to look.
        if len(self.headers) == 2 and self.automatically_set_content_length:
            found = False
        else:
            found = "X-Content-Type-Options" in self.headers
        if not found:
            self.headers.add("X-Content-Type-Options", "nosniff")
            self._guessing_forbidden = True

    def allow_guessing(self) -> None:
        """Take back what the kit said of a type that is no longer there."""
        if self._guessing_forbidden:
            self._guessing_forbidden = False
            self.headers.remove("X-Content-Type-Options")

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Give compressed bytes the type of what was compressed: they were sniffed
        before ``Content-Encoding`` was set.
        """
        headers = super().get_wsgi_headers(environ)
        if (
            self._recoded is not None
            and headers.get("Content-Type") == self._recoded
            and "Content-Encoding" in headers
            and self.default_mimetype is not None
        ):
            content_type = get_content_type(self.default_mimetype, "utf-8")
            headers["Content-Type"] = content_type
            if self._guessing_forbidden:
                headers.remove("X-Content-Type-Options")
        return headers

    @classmethod
    def force_type(
        cls, response: t.Any, environ: WSGIEnvironment | None = None
    ) -> Response:
        """Make a response of any value: by its converter, or as Werkzeug does.

        :param response: a response, a WSGI application, or a value that a converter of
            the current app takes.
        :raises ConverterNotFoundError: if there is no way.
        """
        if isinstance(response, SansIOResponse):
            return cls._adopt(response, environ)
        # A proxied attribute takes long: the app is got once.
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        converters = get_policy(app).converters
        registration = converters.lookup(type(response))
        if registration is not None and registration.plain:
            return cls.from_data(response, app.json)
        if registration is None or _is_final(response):
            return cls._from_flask(response, environ)
        body, status, headers = convert(response, converters)
        own = converters.is_own(registration)
        try:
            made = cls._from_body(body, headers, environ, own=own)
            if isinstance(response, HTTPException) and made.status_code == 200:
                # An error of which only the body was said is an error all the same.
                made.status_code = response.code or 500
            set_status_and_headers(made, status, headers)
        except Exception:
            close = getattr(body, "close", None)
            if close is not None:
                close()
            raise
        return made

    @classmethod
    def _from_flask(cls, value: t.Any, environ: WSGIEnvironment | None) -> Response:
        """Make a response of what Flask itself takes."""
        if isinstance(value, HTTPException) and value.response is None:
            # Werkzeug would run the exception as an application, for the same result.
            made = value.get_response(environ)
        elif isinstance(value, type):
            raise TypeError(
                f"{_subject()} did not return a valid response: it was the class"
                f" {value.__qualname__} itself. Return an instance of it."
            )
        elif isinstance(value, (str, bytes, bytearray, cabc.Iterator)):
            made = cls(value)
        elif callable(value):
            made = value
        elif value is None:
            raise TypeError(
                f"{_subject()} did not return a valid response. The function either"
                " returned None or ended without a return statement. Return a body, or"
                " ('', 204) to send none."
            )
        else:
            raise ConverterNotFoundError(
                type(value),
                f"{_subject()} did not return a valid response: it was a"
                f" {type(value).__qualname__}.",
            )
        return cls._adopt(made, environ)

    @classmethod
    def from_data(cls, value: t.Any, provider: JSONProvider) -> KitResponse:
        """Let a JSON provider write data."""
        made = provider.response(value)
        if type(made) is not cls:
            made = cls._adopt(made)
        made._forbid_guessing()
        return made

    @classmethod
    def _adopt(
        cls, value: t.Any, environ: WSGIEnvironment | None = None
    ) -> KitResponse:
        """Make a response of this class of a response or a WSGI application."""
        return t.cast("KitResponse", super().force_type(value, environ))

    @classmethod
    def _from_body(
        cls,
        body: t.Any,
        headers: HeadersValue | None,
        environ: WSGIEnvironment | None,
        *,
        own: bool,
    ) -> Response:
        """Make a response of what the last converter gave.

        :param own: a converter of the user's was asked. Text of a converter is HTML
            only if it says so: it may be made of what somebody typed in.
        """
        if isinstance(body, Response) and type(body) is not Response:
            return body
        if not isinstance(body, (str, bytes, bytearray, cabc.Iterator)):
            return cls.force_type(body, environ)
        explicit = Headers(headers or ()).get("Content-Type")
        content_type = explicit or cls._find_type(body, own=own)
        made = cls(body, content_type=content_type)
        if content_type and not (own and explicit):
            made._forbid_guessing()
        return made

    @classmethod
    def _find_type(cls, body: t.Any, *, own: bool) -> str | None:
        """The content type of a converter's text; ``None`` to leave the default."""
        if hasattr(body, "__html__"):
            return "text/html; charset=utf-8"
        default = cls.default_mimetype or "text/plain"
        found = None
        if isinstance(body, FileBody) and body.named_type is not None:
            return body.named_type
        if cls.sniffing:
            strict = cls.sniffing == "strict"
            if isinstance(body, FileBody):
                found = body.sniffed_type(default=default, strict=strict)
            elif not isinstance(body, cabc.Iterator):
                found = sniff_content_type(body, default=default, strict=strict)
        if (
            own
            and cls.default_mimetype in _HTML_TYPES
            and (found is None or "xml" in found)
        ):
            # XML may run scripts, too.
            return "text/plain; charset=utf-8"
        return found

    def __reduce_ex__(self, protocol: t.SupportsIndex) -> t.Any:
        """Pickle an instance of a composed class, which has no name to be found by."""
        reduced = super().__reduce_ex__(protocol)
        origin = vars(type(self)).get("_origin")
        if origin is None or type(self).__reduce__ is not object.__reduce__:
            return reduced
        return (_restore, origin, *reduced[2:])


def set_status_and_headers(
    response: Response, status: Status | None, headers: HeadersValue | None
) -> None:
    """Let what was said beside a body hold for its response, as Flask does."""
    if status is not None:
        response.status = status  # type: ignore[assignment]
    if headers:
        content_type = response.headers.get("Content-Type")
        response.headers.update(headers)
        if response.headers.get("Content-Type") != content_type:
            if isinstance(response, KitResponse):
                response.allow_guessing()


def get_policy(app: Flask) -> Policy:
    """The policy of an app.

    :raises RuntimeError: if the app has no kit.
    """
    policy = app.extensions.get("responsekit")
    if policy is None:
        raise RuntimeError(
            f"The app {app.name!r} has no kit. Initialize it first: ResponseKit(app)."
        )
    return t.cast("Policy", policy)


def get_environ() -> WSGIEnvironment | None:
    """The environ of the current request, if there is one."""
    return request.environ if has_request_context() else None


def _is_final(value: object) -> bool:
    """An exception that is a redirect, or that carries its response, says all."""
    return isinstance(value, RequestRedirect) or (
        isinstance(value, HTTPException) and value.response is not None
    )


def _subject() -> str:
    if has_request_context() and request.endpoint is not None:
        return f"The view function for {request.endpoint!r}"
    return "What was to become a response"


def compose(cls: type[Response], policy: Policy) -> type[KitResponse]:
    """Make the app's response class one that converts and sniffs, for this policy.

    The user's class is left as it is, and goes first in what is made of it.
    """
    return _compose(cls, policy.sniffing, policy.nosniff)


def _compose(
    cls: type[Response], sniffing: Sniffing, nosniff: bool
) -> type[KitResponse]:
    # What was composed for another policy is composed anew.
    cls = vars(cls).get("_origin", (cls,))[0]
    bases: tuple[type[t.Any], ...] = (cls, KitResponse)
    if issubclass(cls, KitResponse):
        bases = (cls,)
    elif issubclass(Response, cls):
        bases = (KitResponse,)
    if (
        len(bases) == 1
        and issubclass(cls, Response)
        and (bases[0].sniffing, bases[0].nosniff) == (sniffing, nosniff)
    ):
        return t.cast("type[KitResponse]", bases[0])
    origin = (cls, sniffing, nosniff)
    known: t.Any
    for known in type.__subclasses__(bases[0]):
        if vars(known).get("_origin") == origin:
            return t.cast("type[KitResponse]", known)
    namespace: dict[str, t.Any] = {
        "_origin": origin,
        "sniffing": sniffing,
        "nosniff": nosniff,
    }
    if not issubclass(cls, Response):
        # Flask's own defaults would come before those of Werkzeug.
        for name in vars(Response):
            if not name.startswith("__"):
                namespace[name] = inspect.getattr_static(cls, name)
    namespace["__module__"] = cls.__module__
    namespace["__doc__"] = cls.__doc__
    return type(cls.__name__, bases, namespace)


def _restore(cls: type[Response], sniffing: Sniffing, nosniff: bool) -> KitResponse:
    made = _compose(cls, sniffing, nosniff)
    return made.__new__(made)
