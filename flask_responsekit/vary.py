"""The header ``Vary`` (RFC 9110, section 12.5.5)."""

from __future__ import annotations

import typing as t

from flask import after_this_request
from flask import has_request_context
from werkzeug.http import parse_set_header

if t.TYPE_CHECKING:
    from flask import Response
    from werkzeug.datastructures import Headers

ResponseT = t.TypeVar("ResponseT", bound="Response")


def vary(response: ResponseT) -> ResponseT:
    """Have a response depend on ``Accept``."""
    vary_headers(response.headers)
    # The kit's responses see to it that it is not lost.
    t.cast("t.Any", response).is_negotiated = True
    return response


def vary_later() -> None:
    """Have the response that comes of an error depend on ``Accept``."""
    if has_request_context():
        after_this_request(vary)


def vary_headers(headers: Headers) -> None:
    """Add ``Accept`` to what ``Vary`` says, unless it is said there."""
    present = headers.getlist("Vary")
    # Werkzeug's header set takes many times as long, and knows but one line.
    if not present:
        headers.add("Vary", "Accept")
    elif present != ["Accept"]:
        names = parse_set_header(",".join(present))
        if "*" not in names and "Accept" not in names:
            headers["Vary"] = ", ".join([*present, "Accept"])
