"""A response that looks at its body: for its content type, and for its ETag."""

from __future__ import annotations

import collections.abc as cabc
import copy
import typing as t

from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.http import generate_etag
from werkzeug.utils import get_content_type

from .files import FileBody
from .sniffing import RECODED
from .sniffing import sniff_content_type
from .vary import vary_headers

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .typing import Sniffing

#: Defaults that the text of a converter must not get by itself.
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", None})
#: An object of its own, by which it is known from what the app has set.
_NOSNIFF = "".join(("no", "sniff"))
_VARY = ("Vary", "Accept")
_NO_NAMES: frozenset[str] = frozenset()
_BYTES = (bytes, bytearray)
#: What Werkzeug makes of the most frequent types.
_CONTENT_TYPES = {
    mimetype: get_content_type(mimetype, "utf-8")
    for mimetype in ("text/html", "text/plain", "application/json")
}


ResponseT = t.TypeVar("ResponseT", bound="SniffingResponse")


class SniffingResponse(Response):
    """A :class:`flask.Response` that finds the content type of a body that came without
    one, and may answer conditional requests.
    """

    #: Whether to sniff text and bytes without a content type, and how strictly.
    sniffing: t.ClassVar[Sniffing] = True
    #: Whether to forbid clients to guess another type than the one the kit found.
    nosniff: t.ClassVar[bool] = True
    #: Whether to send an ETag, and to answer conditional requests.
    etag: bool = False
    #: Whether another ``Accept`` may have led to another response.
    is_negotiated: bool = False

    #: The type that sniffing gave to bytes which may turn out to be compressed.
    _recoded: str | None = None
    #: The content type for which the kit added ``X-Content-Type-Options``.
    _unguessed: str | None = None

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
            self._forbid_guessing(sniffed)
            if sniffed in RECODED:
                self._recoded = sniffed

    @classmethod
    def of_type(
        cls: type[ResponseT], content_type: str, body: t.Any, **options: t.Any
    ) -> ResponseT:
        """Make a response of the type that the kit has found."""
        made = cls(body, content_type=content_type, **options)
        made._forbid_guessing()
        return made

    def _forbid_guessing(self, content_type: str | None = None) -> None:
        """Have clients keep to the type that the kit has found.

        :param content_type: the type, where it need not be looked up.
        """
        if not self.nosniff:
            return
        # Most often there are but a type and a length, and no need to look.
        if len(self.headers) == 2 and self.automatically_set_content_length:
            found = False
        else:
            found = "X-Content-Type-Options" in self.headers
        if not found:
            self.headers.add("X-Content-Type-Options", _NOSNIFF)
            if content_type is None:
                # The type comes first, as a rule.
                name, content_type = next(iter(self.headers))
                if name != "Content-Type":
                    content_type = self.headers.get("Content-Type")
            self._unguessed = content_type

    def _name_type(self, content_type: str) -> None:
        """Call the type that the kit has found by another name."""
        self.headers["Content-Type"] = content_type
        if self._unguessed is not None:
            self._unguessed = content_type

    def vary_by_accept(self) -> None:
        """Say that another ``Accept`` may have led to another response."""
        self.is_negotiated = True
        is_plain = self._unguessed is not None and type(self.response) is list
        if is_plain and len(self.headers) == 3:
            # A type, a length, and no guessing: there is no need to look.
            self.headers.add("Vary", "Accept")
        else:
            vary_headers(self.headers)

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Give compressed bytes the type of what was compressed: they were sniffed
        before ``Content-Encoding`` was set. Name ``Accept`` in ``Vary``, whatever else
        was written there since.
        """
        headers = super().get_wsgi_headers(environ)
        if self.is_negotiated and _VARY not in iter(headers):
            vary_headers(headers)
        if (
            self._recoded is not None
            and headers.get("Content-Type") == self._recoded
            and "Content-Encoding" in headers
            and self.default_mimetype is not None
        ):
            content_type = get_content_type(self.default_mimetype, "utf-8")
            headers["Content-Type"] = content_type
            if self._unguessed is not None:
                headers.remove("X-Content-Type-Options")
        if self._unguessed is not None:
            # The type comes first, if nobody has changed it.
            if next(iter(headers), _VARY)[1] is not self._unguessed:
                self._allow_guessing(headers)
        return headers

    def _allow_guessing(self, headers: Headers) -> None:
        """Take back what the kit said of a type that is no longer there."""
        if headers.get("Content-Type") != self._unguessed:
            if headers.get("X-Content-Type-Options") is _NOSNIFF:
                headers.remove("X-Content-Type-Options")

    def get_wsgi_response(
        self, environ: WSGIEnvironment
    ) -> tuple[cabc.Iterable[bytes], str, list[tuple[str, str]]]:
        """Send an ETag with a body that is known, and no body to a client that has it
        (RFC 9110, sections 8.8.3 and 13.1.2).

        This comes after all that changes a response, so it is about the very bytes that
        are sent. The response itself stays as it is: it may be sent again.
        """
        if (
            self.etag
            and self.status_code == 200
            and self.is_sequence
            and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        ):
            sent = self._copy_for_one_request()
            if environ.get("HTTP_IF_MATCH", "").strip() == "*":
                # Werkzeug looks for a tag. What is here matches (RFC 9110, 13.1.1).
                environ = environ | {"HTTP_IF_MATCH": ""}
            sent.make_conditional(environ)
            if sent.status_code == 412:
                sent.set_data(b"")
            # Not by its own method, which may be one around this.
            return super(SniffingResponse, sent).get_wsgi_response(environ)
        return super().get_wsgi_response(environ)

    def _copy_for_one_request(self) -> SniffingResponse:
        sent = copy.copy(self)
        sent.headers = Headers(self.headers)
        if "ETag" not in sent.headers:
            # Two representations may have the same bytes, but never the same tag.
            content_type = sent.headers.get("Content-Type", "")
            sent.set_etag(generate_etag(content_type.encode() + b"\n" + self.data))
        return sent

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
