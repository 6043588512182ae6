"""What an HTTP error can be sent as."""

from __future__ import annotations

import dataclasses
import typing as t

from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import RoutingException

from .current_request import get_environ
from .offers import normalize
from .offers import offer_mimetype
from .offers import WritableOffer
from .problem import is_error_status
from .problem import Problem
from .renderers.json import JSONRenderer
from .renderers.problem_html import ProblemHTMLRenderer
from .renderers.problem_xml import ProblemXMLRenderer
from .renderers.xml import XMLRenderer

if t.TYPE_CHECKING:
    from .typing import ProblemsMode


class ProblemOffer(WritableOffer):
    """Writes the document of a problem."""


#: What the exception itself writes.
OWN_PAGE: t.Final = offer_mimetype("text/html")

_JSON = ProblemOffer(
    "application/problem+json",
    # A client that accepts JSON accepts a problem in JSON.
    aliases=("application/json",),
    name="json",
    # The JSON provider of the app writes it, whatever the enabled renderers do.
    renderer=JSONRenderer(),
)
_XML = ProblemOffer(
    ProblemXMLRenderer.mimetype,
    quality=ProblemXMLRenderer.quality,
    aliases=ProblemXMLRenderer.aliases,
    name=ProblemXMLRenderer.name,
    renderer=ProblemXMLRenderer(),
)
_HTML = ProblemOffer(
    ProblemHTMLRenderer.mimetype,
    name=ProblemHTMLRenderer.name,
    renderer=ProblemHTMLRenderer(),
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
    if mode == "off" or (isinstance(cls.code, int) and not is_error_status(cls.code)):
        return list(special.values())
    is_problem = issubclass(cls, Problem)
    page = _HTML if is_problem and not _writes_body(cls) else OWN_PAGE
    offers: list[WritableOffer]
    if mode == "always":
        # Without a page, a browser's taste for XML would decide.
        offers = [_JSON, dataclasses.replace(_XML, quality=XMLRenderer.quality)]
    else:
        offers = [_JSON, _XML, page] if is_problem else [page, _JSON, _XML]
    taken = [_replace(one, special) for one in offers] if special else offers
    mimetypes = [normalize(one.mimetype) for one in offers]
    others = [one for mimetype, one in special.items() if mimetype not in mimetypes]
    return [*taken, *others]


def _replace(offer: WritableOffer, special: dict[str, WritableOffer]) -> WritableOffer:
    """What answers in the place of an offer, apart from what has an answer itself."""
    aliases = tuple(one for one in offer.aliases if normalize(one) not in special)
    taken = special.get(normalize(offer.mimetype))
    if taken is None and aliases == offer.aliases:
        return offer
    return dataclasses.replace(taken or offer, quality=offer.quality, aliases=aliases)


def is_final(value: object) -> bool:
    """Whether a value is an exception that carries its response, or a redirect, to
    which nothing is to be added.
    """
    return isinstance(value, RoutingException) or (
        isinstance(value, HTTPException) and value.response is not None
    )


def can_be_problem(error: HTTPException, mode: ProblemsMode) -> bool:
    """Whether an exception can be sent as a problem. It cannot if it is no error, or if
    its class has chosen another format than HTML.
    """
    if not is_error_status(error.code):
        return False
    cls = type(error)
    if mode == "always" or not (_writes_body(cls) or _is_own(cls.get_headers)):
        return True
    return error.get_response(get_environ()).mimetype in _HTML_TYPES


def _writes_body(cls: type[HTTPException]) -> bool:
    methods = (cls.get_body, cls.get_response, cls.__call__)
    return any(map(_is_own, methods))


def _is_own(method: t.Any) -> bool:
    """Whether a method is neither Werkzeug's nor the kit's."""
    return method.__module__ not in (HTTPException.__module__, Problem.__module__)
