"""A value to what the last converter makes of it."""

from __future__ import annotations

import collections.abc as cabc
import traceback
import types
import typing as t

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response

from . import response_tuple
from .exceptions import ConversionLoopError
from .problem import amend
from .problem import is_error_status
from .problem import Problem
from .registration import name_of
from .typing import PLAIN_TYPES

if t.TYPE_CHECKING:
    from .registration import Registration
    from .registry import ConverterRegistry
    from .typing import HeadersValue
    from .typing import Status


def convert(
    value: object,
    converters: ConverterRegistry,
    *,
    first: Registration | None = None,
    inside: bool = False,
) -> tuple[object, Status | None, HeadersValue | None]:
    """Apply converters until none takes the value, or its data is plain.

    >>> from flask_responsekit.registry import ConverterRegistry
    >>> converters = ConverterRegistry()
    >>> converters.add(complex, lambda value: ([value.real, value.imag], 201))
    >>> convert(1j, converters)
    ([0.0, 1.0], 201, None)

    :param first: what takes the value itself, in place of what is found for its type,
        and whose media type is that of the body.
    :param inside: the value stands inside other data, where plain data is left
        as it is.
    :return: the body, and the status and headers that converters gave with it.
    :raises ConversionLoopError: if a converter leads back to a type.
    :raises HTTPException: if a converter returns one.
    :raises TypeError: if a converter returns ``None``, or a class.
    """
    status: Status | None = None
    headers: HeadersValue | None = None
    chain: tuple[type, ...] = ()
    given = first
    is_typed = given is not None and converters.lookup(type(value)) is not given
    while not (inside and type(value) in PLAIN_TYPES):
        cls = type(value)
        registration, first = first or converters.lookup(cls), None
        if registration is None or registration.plain:
            break
        if cls in chain:
            raise ConversionLoopError((*chain, cls))
        chain += (cls,)
        try:
            value = registration.converter(value)
        except RecursionError as error:
            raise ConversionLoopError((*chain, cls)) from error
        if type(value) is tuple:
            value, inner_status, inner_headers = _unpack_result(value, registration)
            if is_typed and not (
                registration is given or converters.is_own(registration)
            ):
                # A built-in converter names the type that its text has by itself.
                inner_headers = _drop_type(inner_headers)
            status = inner_status if status is None else status
            headers = response_tuple.merge_headers(inner_headers, headers)
        if isinstance(value, HTTPException):
            # To return an error is to raise it.
            raise _amend(value, status, headers)
        _check_result(value, registration, cls, converters)
    return value, status, headers


def convert_alike(
    values: cabc.Sequence[object], registration: Registration
) -> list[object]:
    """Apply the converter of many values of one type once to each.

    :raises ConversionLoopError: if it never ends.
    """
    try:
        return [*map(registration.converter, values)]
    except RecursionError as error:
        cls = type(values[0])
        raise ConversionLoopError((cls, cls)) from error


def is_data(cls: type) -> bool:
    """Whether what a converter gave can stand inside other data without a further look,
    as neither what is meant for a response, nor what is given by mistake, can.
    """
    return cls not in (type(None), tuple) and not issubclass(cls, _NO_DATA)


_NO_DATA = (type, cabc.Iterator, HTTPException, Response)


def _unpack_result(
    value: tuple[t.Any, ...], registration: Registration
) -> tuple[t.Any, t.Any, t.Any]:
    source = f"The converter {name_of(registration.converter)}"
    if not 1 < len(value) < 4:
        raise TypeError(
            f"{source} returned a tuple of {len(value)}, which is not (body, status,"
            " headers), (body, status) or (body, headers). Return a list to give an"
            " array."
        )
    unpacked = response_tuple.unpack(value)
    try:
        response_tuple.check(unpacked, source)
    except TypeError:
        close = getattr(unpacked[0], "close", None)
        if close is not None:
            close()
        raise
    return unpacked


def _amend(
    error: HTTPException, status: Status | None, headers: HeadersValue | None
) -> HTTPException:
    """Let what converters said beside a problem hold for it."""
    if not isinstance(error, Problem) or (status is None and not headers):
        return error
    code = response_tuple.get_code(status)
    if is_error_status(code):
        return amend(error, status=code, headers=headers)
    return amend(error, headers=response_tuple.drop_success(headers))


def _drop_type(headers: HeadersValue | None) -> Headers:
    kept = Headers(headers)
    kept.remove("Content-Type")
    return kept


def _check_result(
    value: object, registration: Registration, cls: type, converters: ConverterRegistry
) -> None:
    if value is None and type(None) not in converters.types:
        raise TypeError(
            f"The converter {name_of(registration.converter)} returned None for a"
            f" {cls.__qualname__}. Return a Response or something simpler; to give"
            " None a meaning, register a converter for type(None)."
        )
    if isinstance(value, type):
        raise TypeError(
            f"The converter {name_of(registration.converter)} returned the class"
            f" {value.__qualname__} for a {cls.__qualname__}. Return an instance."
        )


def is_raised_by_converter(error: BaseException) -> bool:
    """Whether an error comes from a converter, or from what it was found to return."""
    return not {convert.__code__, convert_alike.__code__}.isdisjoint(_walk(error))


def is_returned_by_converter(error: BaseException) -> bool:
    """Whether an error is what a converter returned, and not one that it raised."""
    return convert.__code__ is [*_walk(error)][-1]


def _walk(error: BaseException) -> cabc.Iterator[types.CodeType]:
    """The code that an error went through, the innermost last."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield frame.f_code
