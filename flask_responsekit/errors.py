"""What an HTTP error can be sent as."""

from __future__ import annotations

import dataclasses
import typing as t

from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import RoutingException

from .offers import normalize
from .offers import offer_mimetype
from .offers import offer_renderer
from .offers import WritableOffer
from .problem import is_error_status
from .problem import Problem
from .problem import to_document
from .registration import Registration
from .renderers.json import JSONRenderer
from .renderers.problem_html import ProblemHTMLRenderer
from .renderers.problem_xml import ProblemXMLRenderer

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .typing import ProblemsMode

#: Makes the document of a problem, which a renderer writes.
DOCUMENT: t.Final = Registration(HTTPException, to_document)

#: Written by the exception itself.
FLASK: t.Final = offer_mimetype("text/html")

_JSON = WritableOffer(
    "application/problem+json",
    # A client that accepts JSON accepts a problem in JSON.
    aliases=("application/json",),
    name="json",
    # The JSON provider of the app writes it, whatever the enabled renderers do.
    renderer=JSONRenderer(),
    registration=DOCUMENT,
)
_XML, _HTML = (
    dataclasses.replace(offer_renderer(renderer), registration=DOCUMENT)
    for renderer in (ProblemXMLRenderer(), ProblemHTMLRenderer())
)

#: What is sent when an error could not be (RFC 9457).
STATIC_PROBLEM: t.Final = (
    b'{"type":"about:blank","title":"Internal Server Error","status":500}'
)

_HTML_TYPES = ("text/html", "application/xhtml+xml")


def offer_error(
    cls: type[HTTPException], mode: ProblemsMode, special: dict[str, WritableOffer]
) -> list[WritableOffer]:
    """Offer what errors of a type can be sent as, in server order.

    :param special: what is registered for the type, by media type. It takes the place
        of what is offered in the same one.
    """
    if mode == "off" or not (cls.code is None or is_error_status(cls.code)):
        return list(special.values())
    is_problem = issubclass(cls, Problem)
    page = _HTML if is_problem and not _writes_itself(cls) else FLASK
    html = [] if mode == "always" else [page]
    offers = [_JSON, _XML, *html] if is_problem else [*html, _JSON, _XML]
    others = dict(special)
    taken = [others.pop(normalize(one.mimetype), one) for one in offers]
    return [*(_drop_aliases(one, special) for one in taken), *others.values()]


def _drop_aliases(
    offer: WritableOffer, special: dict[str, WritableOffer]
) -> WritableOffer:
    """Let what is registered for a media type answer for it alone."""
    aliases = tuple(one for one in offer.aliases if normalize(one) not in special)
    if aliases == offer.aliases:
        return offer
    return dataclasses.replace(offer, aliases=aliases)


def is_final(value: object) -> bool:
    """Whether a value is an exception that carries its response, or a redirect, to
    which nothing is to be added.
    """
    return isinstance(value, RoutingException) or (
        isinstance(value, HTTPException) and value.response is not None
    )


def is_problem(
    error: HTTPException, mode: ProblemsMode, environ: WSGIEnvironment | None
) -> bool:
    """Whether an exception can be sent as a problem. It cannot if it is no error, or if
    its class has chosen another format than HTML.
    """
    if not is_error_status(error.code):
        return False
    if mode == "always" or not _writes_itself(type(error)):
        return True
    return error.get_response(environ).mimetype in _HTML_TYPES


def _writes_itself(cls: type[HTTPException]) -> bool:
    methods = (cls.get_body, cls.get_headers, cls.get_response)
    modules = (HTTPException.__module__, Problem.__module__)
    return any(method.__module__ not in modules for method in methods)
