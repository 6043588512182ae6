"""The tuple ``(body, status, headers)`` that Flask takes for a response."""

from __future__ import annotations

import typing as t

from werkzeug.datastructures import Headers

if t.TYPE_CHECKING:
    from .typing import HeadersValue

#: Headers that say something of the representation, or of how long it is good for.
_OF_SUCCESS = frozenset(
    "accept-ranges age cache-control cdn-cache-control content-digest"
    " content-disposition content-encoding content-language content-length"
    " content-location content-md5 content-range content-type digest etag expires"
    " last-modified location pragma refresh repr-digest surrogate-control"
    " x-accel-redirect x-sendfile".split()
)

#: What Flask takes for headers.
_HEADERS = (Headers, dict, tuple, list)


def unpack(value: tuple[t.Any, ...]) -> tuple[t.Any, t.Any, t.Any]:
    """Split a tuple into body, status and headers, as Flask does.

    :raises ValueError: if it has neither two nor three members.
    """
    if len(value) == 2:
        body, other = value
        if isinstance(other, _HEADERS):
            return body, None, other
        return body, other, None
    body, status, headers = value
    return body, status, headers


def check(value: tuple[t.Any, t.Any, t.Any], source: str) -> None:
    """Refuse what was meant as data, and would be sent as a strange response.

    :param source: what returned it, the subject of the message.
    :raises TypeError: if the status or the headers are none.
    """
    _, status, headers = value
    is_status = status is None or 100 <= get_code(status) <= 999
    if is_status and _are_headers(headers):
        return
    raise TypeError(
        f"{source} returned a tuple that is not (body, status, headers), (body, status)"
        f" or (body, headers): the status is {status!r}, the headers are {headers!r}."
        " Return a list to give an array."
    )


def get_code(status: object) -> int:
    """The number of a status; 0 if it has none.

    >>> get_code(404), get_code("404 Not Found"), get_code(None)
    (404, 404, 0)
    """
    if isinstance(status, bytes):
        status = status.decode("latin-1")
    if isinstance(status, str):
        code = status.strip().partition(" ")[0]
        status = int(code) if code.isdecimal() else 0
    return status if isinstance(status, int) else 0


def _are_headers(headers: t.Any) -> bool:
    if not isinstance(headers, (type(None), *_HEADERS)):
        return False
    try:
        Headers(headers)
    except (TypeError, ValueError):
        return False
    return True


def drop_success(headers: HeadersValue | None) -> Headers:
    """Headers without those that describe what a success would have sent, which does
    not hold for an error in its place. What is not to be stored is still not to be.
    """
    return Headers(
        (name, value)
        for name, value in Headers(headers)
        if name.lower() not in _OF_SUCCESS
        or (name.lower() == "cache-control" and "no-store" in value.lower())
    )


def merge_headers(inner: HeadersValue | None, outer: HeadersValue | None) -> t.Any:
    """Headers that were given later on the way give way to those given before."""
    if not inner or not outer:
        return outer or inner
    merged = Headers(inner)
    merged.update(outer)
    return merged
