"""The response class: convert a value until it is a response.

.. code-block:: text

    view value --converter--> simpler value --converter--> plain data --> renderer
        |-- HTTPException: its own page, or a problem document --> renderer
        |-- str, bytes, file: sniffed
        '-- Response, iterator, WSGI application: as in Flask

Which converter is the first and which renderer is the last is negotiated, where there
is a choice.
"""

from __future__ import annotations

import collections.abc as cabc
import inspect
import typing as t
import weakref

from flask import current_app
from flask import has_request_context
from flask import request
from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as SansIOResponse

from .conversion import convert
from .current_request import get_environ
from .current_request import note_stream
from .event_stream import EventStream
from .event_stream import write_events
from .exceptions import ConverterNotFoundError
from .json import get_to_plain
from .libraries.sqlalchemy import make_error_message
from .offers import find_pinned
from .offers import offer_mimetype
from .policies import get_policy
from .problem import to_document
from .problem_offers import OWN_PAGE
from .problem_offers import ProblemOffer
from .response_tuple import get_code
from .server_sent_event import ServerSentEvent
from .sniffing_response import SniffingResponse
from .stream import Stream
from .streaming import StreamBody
from .streaming import write_rows
from .vary import vary
from .vary import vary_later

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from .offers import Menu
    from .offers import WritableOffer
    from .policy import Options
    from .policy import Policy
    from .registration import Registration
    from .registry import ConverterRegistry
    from .renderers.protocol import RowRenderer
    from .typing import HeadersValue
    from .typing import Sniffing
    from .typing import Status


#: What events are sent as.
_EVENTS: t.Final = offer_mimetype("text/event-stream")


class KitResponse(SniffingResponse):
    """A :class:`flask.Response` that is made of any type with a converter, and that
    finds the content type of a body that came without one.
    """

    _stream_body: StreamBody | None = None

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
        policy = get_policy(app)
        if isinstance(response, HTTPException):
            return cls._from_error(response, policy, environ)
        converters = policy.converters
        kind = type(response)
        registration = converters.lookup(kind)
        if isinstance(response, (Stream, EventStream)) and registration is None:
            with _Closing(response):
                return cls._from_stream(response, policy, environ)
        if not policy.has_choice(registration):
            if registration is not None and registration.plain:
                return cls.from_data(response, app)
        elif (menu := policy.get_menu(kind)).offers:
            return cls._from_menu(response, menu, policy, environ)
        if registration is None:
            return cls._from_flask(response, environ)
        if registration.plain:
            raise _make_render_error(kind, policy)
        return cls._from_converted(response, registration, converters, environ)

    @classmethod
    def _from_error(
        cls, error: HTTPException, policy: Policy, environ: WSGIEnvironment | None
    ) -> Response:
        """Make a response of an HTTP error, whatever the client accepts."""
        if policy.sends_as_flask(error):
            return cls._from_flask(error, environ)
        kind = type(error)
        menu = policy.get_menu(kind)
        try:
            if menu.offers:
                return cls._from_menu(error, menu, policy, environ)
            registration = t.cast("Registration", policy.converters.lookup(kind))
            return cls._from_converted(error, registration, policy.converters, environ)
        except HTTPException as other:
            if not menu.is_converted:
                raise
            # Its converter has made another error of it, which is not converted again.
            other_menu = policy.make_error_menu(other)
            if not other_menu.offers:
                return cls._from_flask(other, environ)
            made = cls._from_menu(other, other_menu, policy, environ)
            if other.code == error.code:
                _add_headers(made, error)
            return made

    @classmethod
    def _from_converted(
        cls,
        value: t.Any,
        registration: Registration,
        converters: ConverterRegistry,
        environ: WSGIEnvironment | None,
    ) -> Response:
        """Make a response of what the converter of a value gives."""
        body, status, headers = convert(value, converters)
        own = converters.is_own(registration)
        with _Closing(body):
            made = cls._from_body(body, headers, environ, own=own)
            _finish(made, value, status, headers)
        return made

    @classmethod
    def _from_stream(
        cls,
        stream: Stream | EventStream,
        policy: Policy,
        environ: WSGIEnvironment | None,
        mimetype: str | None = None,
    ) -> Response:
        """Make a response of what is read while it is sent.

        :param mimetype: the media type of rows, unless they have one themselves.
        """
        if isinstance(stream, EventStream):
            return cls._send(stream, _EVENTS, policy)
        mimetype = stream.mimetype or mimetype
        if mimetype is not None:
            return cls._send(stream, policy.find_rows_writer(mimetype), policy)
        return cls._from_menu(stream, policy.get_menu(type(stream)), policy, environ)

    @classmethod
    def _send(
        cls, stream: Stream | EventStream, offer: WritableOffer, policy: Policy
    ) -> KitResponse:
        """Make a response that writes what it reads."""
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        to_plain = get_to_plain(app, policy.converters)
        if isinstance(stream, EventStream):
            chunks = write_events(stream, to_plain)
        else:
            renderer = t.cast("RowRenderer", offer.renderer)
            chunks = write_rows(stream, renderer, to_plain)
        body = StreamBody(chunks)
        content_type = stream.headers.get("Content-Type", offer.content_type)
        with _Closing(body):
            made = cls.of_type(content_type, body)
            made.headers.update(stream.headers)
        made._stream_body = body
        made.call_on_close(body.close)
        note_stream(weakref.WeakMethod(body.close))
        return made

    @classmethod
    def _from_menu(
        cls,
        value: t.Any,
        menu: Menu,
        policy: Policy,
        environ: WSGIEnvironment | None,
    ) -> Response:
        """Make a response of a value in the way that suits the client."""
        is_error = isinstance(value, HTTPException)
        offer, is_negotiated = policy.choose(menu, is_error=is_error)
        try:
            made, is_fixed = cls._from_offer(value, offer, policy, environ)
        except Exception:
            if is_negotiated:
                vary_later()
            raise
        if is_negotiated and not (is_fixed and not menu.has_registered):
            if isinstance(made, KitResponse):
                made.vary_by_accept()
            else:
                vary(made)
        return made

    @classmethod
    def _from_offer(
        cls,
        value: t.Any,
        offer: WritableOffer,
        policy: Policy,
        environ: WSGIEnvironment | None,
    ) -> tuple[Response, bool]:
        """Make a response of a value as what was chosen.

        :return: the response, and whether it is what it is, whichever renderer was
            chosen.
        """
        if offer is OWN_PAGE:
            return cls._from_flask(value, environ), False
        if isinstance(offer, ProblemOffer):
            document = to_document(value)
            made: Response = cls._render(document, type(value), offer, policy)
            made.status_code = document["status"]
            _finish(made, value, None, None)
            return made, False
        converters = policy.converters
        is_unconverted = converters.lookup(type(value)) is None
        if isinstance(value, Stream) and offer.registration is None and is_unconverted:
            return cls._send(value, offer, policy), False
        body, status, headers = convert(value, converters, first=offer.registration)
        written = converters.lookup(type(body))
        is_fixed = False
        with _Closing(body):
            if written is not None and written.plain:
                named = Headers(headers).get("Content-Type") if headers else None
                if named is not None and offer.registration is None:
                    offers = policy.get_menu(type(value)).offers
                    offer, is_fixed = find_pinned(named, offers), True
                made = cls._render(body, type(value), offer, policy)
            elif isinstance(body, (Stream, EventStream)) and written is None:
                is_fixed = offer.registration is None
                mimetype = None if is_fixed else offer.mimetype
                made = cls._from_stream(body, policy, environ, mimetype)
            elif offer.registration is not None:
                made = cls._from_representation(body, headers, offer, environ)
            else:
                is_fixed = True
                made = cls._from_body(body, headers, environ, own=True)
            _finish(made, value, status, headers)
        return made, is_fixed

    @classmethod
    def _from_representation(
        cls,
        body: t.Any,
        headers: HeadersValue | None,
        offer: WritableOffer,
        environ: WSGIEnvironment | None,
    ) -> Response:
        """Make a response of what a converter gave that was registered with a media
        type.
        """
        if not isinstance(body, (str, bytes, bytearray, cabc.Iterator)):
            other = cls._from_body(body, headers, environ, own=True)
            is_default = other.mimetype == getattr(other, "default_mimetype", None)
            if is_default and 200 <= other.status_code < 300:
                # It is the type of a response of which none was said.
                other.headers["Content-Type"] = offer.content_type
            return other
        if "Content-Type" in Headers(headers or ()):
            # The converter's own has the last word, when all is put together.
            return cls(body, content_type=offer.content_type)
        return cls.of_type(offer.content_type, body)

    @classmethod
    def _render(
        cls, data: t.Any, kind: type, offer: WritableOffer, policy: Policy
    ) -> KitResponse:
        """Make a response of data in a media type.

        :param kind: the type of what the view returned.
        """
        writer = policy.get_writer(offer, data)
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        if writer.is_json:
            made = cls.from_data(data, app)
            if not offer.is_plain_json:
                made._name_type(offer.content_type)
            return made
        body = writer.write(data, kind, get_to_plain(app, policy.converters))
        return cls.of_type(offer.content_type, body)

    @classmethod
    def _from_flask(cls, value: t.Any, environ: WSGIEnvironment | None) -> Response:
        """Make a response of what Flask itself takes."""
        if (
            isinstance(value, HTTPException)
            and value.response is None
            and type(value).__call__ is HTTPException.__call__
        ):
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
        elif isinstance(value, (cabc.AsyncIterable, ServerSentEvent)):
            raise TypeError(
                f"{_subject()} did not return a valid response: it was a"
                f" {type(value).__qualname__}. Return kit.stream(...) to send rows, or"
                " an EventStream to send events."
            )
        else:
            raise ConverterNotFoundError(
                type(value),
                f"{_subject()} did not return a valid response: it was a"
                f" {type(value).__qualname__}.",
                make_error_message(type(value)),
            )
        return cls._adopt(made, environ)

    @classmethod
    def from_data(cls, value: t.Any, app: Flask) -> KitResponse:
        """Let the JSON provider of an app write data."""
        made = app.json.response(value)
        if type(made) is not cls:
            if _origin_of(cls) is _origin_of(app.response_class):
                made = cls._adopt(made)
            else:
                # The provider knows the class of the app, and no other.
                made = cls._copy(t.cast("Response", made))
        made._forbid_guessing()
        return made

    @classmethod
    def _copy(cls, made: Response) -> KitResponse:
        """Make a response with the same body and headers, by the own constructor."""
        headers = Headers(made.headers)
        headers.remove("Content-Length")
        status = None if made.status_code == 200 else made.status
        return cls(made.get_data(), status=status, headers=headers)

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

    def get_app_iter(self, environ: WSGIEnvironment) -> cabc.Iterable[bytes]:
        """Give what is sent. Of all responses to a request, only the last comes by
        here, and Flask has not let the request go yet.
        """
        if self._stream_body is not None:
            self._stream_body.begin()
        return super().get_app_iter(environ)

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
    if isinstance(status, (str, bytes, bytearray)):
        response.status = status  # type: ignore[assignment]
    elif status is not None:
        response.status_code = status
    if headers:
        response.headers.update(headers)
        if isinstance(response, KitResponse) and response.is_negotiated:
            response.vary_by_accept()


def _finish(
    made: Response, value: object, status: Status | None, headers: HeadersValue | None
) -> None:
    """Let what converters said beside a body hold for the response of a value."""
    if isinstance(value, HTTPException):
        if made.status_code == get_code(made.default_status):
            # An error of which only the body was said is an error all the same.
            made.status_code = value.code or 500
        _add_headers(made, value)
    set_status_and_headers(made, status, headers)


def _add_headers(made: Response, error: HTTPException) -> None:
    """Add the headers of an error that its response does not have, such as Allow, which
    a 405 must have (RFC 9110, section 15.5.6).
    """
    theirs = error.get_headers(get_environ())
    missing = [(name, text) for name, text in theirs if name not in made.headers]
    made.headers.extend(missing)


class _Closing:
    """Close a body of which no response is made."""

    def __init__(self, body: object) -> None:
        self._close = getattr(body, "close", None)

    def __enter__(self) -> None:
        """Nothing is done for a body that is sent."""

    def __exit__(self, error_type: type[BaseException] | None, *args: object) -> None:
        if error_type is not None and self._close is not None:
            self._close()


def _make_render_error(cls: type, policy: Policy) -> TypeError:
    enabled = ", ".join(offer.mimetype for offer in policy.rendered)
    return TypeError(
        f"{_subject()} returned a {cls.__qualname__}, which none of the enabled"
        f" renderers writes: {enabled}. Enable another, such as 'json'."
    )


def _subject() -> str:
    if has_request_context() and request.endpoint is not None:
        return f"The view function for {request.endpoint!r}"
    return "What was to become a response"


def compose(cls: type[Response], options: Options) -> type[KitResponse]:
    """Make of a response class one that converts and sniffs, as these options say.

    The user's class is left as it is, and goes first in what is made of it.
    """
    return _compose(cls, options.sniffing, options.nosniff, options.etag)


def _origin_of(cls: type[Response]) -> type[Response]:
    """The class that a class was composed of."""
    return t.cast("type[Response]", vars(cls).get("_origin", (cls,))[0])


def _compose(
    cls: type[Response], sniffing: Sniffing, nosniff: bool, etag: bool
) -> type[KitResponse]:
    # What was composed with other options is composed anew.
    cls = _origin_of(cls)
    bases: tuple[type[t.Any], ...] = (cls, KitResponse)
    if issubclass(cls, KitResponse):
        bases = (cls,)
    elif issubclass(Response, cls):
        bases = (KitResponse,)
    says = {"sniffing": sniffing, "nosniff": nosniff, "etag": etag}
    if (
        len(bases) == 1
        and issubclass(cls, Response)
        and all(getattr(bases[0], name) == value for name, value in says.items())
    ):
        return t.cast("type[KitResponse]", bases[0])
    origin = (cls, sniffing, nosniff, etag)
    known: t.Any
    for known in type.__subclasses__(bases[0]):
        if vars(known).get("_origin") == origin:
            return t.cast("type[KitResponse]", known)
    namespace: dict[str, t.Any] = {"_origin": origin, **says}
    if not issubclass(cls, Response):
        # Flask's own defaults would come before those of Werkzeug.
        for name in vars(Response):
            if not name.startswith("__"):
                namespace[name] = inspect.getattr_static(cls, name)
    namespace["__module__"] = cls.__module__
    namespace["__doc__"] = cls.__doc__
    return type(cls.__name__, bases, namespace)


def _restore(
    cls: type[Response], sniffing: Sniffing, nosniff: bool, etag: bool
) -> KitResponse:
    made = _compose(cls, sniffing, nosniff, etag)
    return made.__new__(made)
