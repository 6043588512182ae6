"""Any value to plain data: ``None``, bool, int, float, str, list and dict."""

from __future__ import annotations

import collections.abc as cabc
import math
import typing as t

from werkzeug.sansio.response import Response

from .exceptions import ConversionLoopError
from .exceptions import ConverterNotFoundError
from .typing import PLAIN_TYPES

if t.TYPE_CHECKING:
    from .registry import ConverterRegistry
    from .typing import Converter

#: Says what becomes of a value that no converter of the user takes. It is given the
#: built-in converter, if there is one.
Settle: t.TypeAlias = "cabc.Callable[[t.Any, Converter | None], t.Any]"

_SCALARS = PLAIN_TYPES - {list, dict}
#: What an encoder writes without asking, subclasses included.
NATIVE_TYPES = (str, int, float, list, tuple, dict)


def to_plain(value: object, converters: ConverterRegistry) -> t.Any:
    """Make plain data of a value and of all that stands in it.

    >>> from flask_responsekit.registry import ConverterRegistry
    >>> converters = ConverterRegistry()
    >>> converters.add(complex, lambda value: [value.real, value.imag])
    >>> to_plain({"roots": (1j, -1j)}, converters)
    {'roots': [[0.0, 1.0], [-0.0, -1.0]]}

    :param converters: what says how, such as ``kit.converters``.
    :raises ConverterNotFoundError: if no converter takes a value.
    :raises ConversionLoopError: if it never ends.
    """
    return Plain(converters, settle_built_in)(value)


def settle_built_in(value: t.Any, converter: Converter | None) -> t.Any:
    """Take the built-in converter, or give up."""
    if converter is None:
        name = type(value).__qualname__
        raise ConverterNotFoundError(
            type(value), f"Object of type {name} is not JSON serializable."
        )
    return converter(value)


class Plain:
    """The walk from a value to plain data.

    :param settle: says what becomes of a value that no converter of the user takes;
        what it returns as it was given is left as it is.
    """

    def __init__(self, converters: ConverterRegistry, settle: Settle) -> None:
        self._converters = converters
        self._settle = settle

    def __call__(self, value: t.Any) -> t.Any:
        try:
            return self._walk(value)
        except RecursionError as error:
            raise endless(value, self.step) from error

    def _walk(self, value: t.Any) -> t.Any:
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is dict:
            return {self._key(key): self._walk(item) for key, item in value.items()}
        if kind is list or kind is tuple:
            return [self._walk(item) for item in value]
        simpler = self.step(value)
        return value if simpler is value else self._walk(simpler)

    def _key(self, key: t.Any) -> t.Any:
        """A key that an encoder would write by itself, as its converter says."""
        if type(key) in _SCALARS or not isinstance(key, (str, int, float)):
            return key
        plain = self._walk(key)
        if type(plain) not in _SCALARS:
            raise TypeError(
                f"The key {key!r} became a {type(plain).__qualname__}; JSON keys are"
                " text."
            )
        return plain

    def step(self, value: t.Any) -> t.Any:
        """Make something simpler of a value that is not plain."""
        registration = self._converters.lookup(type(value))
        if registration is not None and not registration.plain:
            body = self._converters.convert(value, inside=True)[0]
            if isinstance(body, (Response, cabc.Iterator)):
                raise TypeError(
                    f"A {type(value).__qualname__} became the body of a response,"
                    " which cannot stand inside other data. Let its converter return"
                    " data."
                )
            return body
        converter = None if registration is None else registration.converter
        if isinstance(value, NATIVE_TYPES):
            return _native(value) if converter is None else converter(value)
        return self._settle(value, converter)


def _native(value: t.Any) -> t.Any:
    """A text or tuple of a subclass, as encoders write it."""
    return str.__str__(value) if isinstance(value, str) else list(value)


def endless(value: object, step: Converter) -> ConversionLoopError:
    """The error for a value that has no end, or is nested beyond measure."""
    name = type(value).__qualname__
    try:
        fault = find_fault(value, step)
    except Exception:
        fault = None
    return ConversionLoopError(
        (type(value), type(value)),
        fault or f"What is inside a {name} is nested too deeply, or has no end.",
    )


def find_fault(
    value: t.Any, step: Converter, place: str = "value", inside: tuple[int, ...] = ()
) -> str | None:
    """Say in a sentence what keeps data from being JSON; ``None`` if nothing is found.

    It is asked when an encoder has failed, and may take its time.

    :param step: makes something simpler of a value that is not plain.
    """
    if id(value) in inside:
        return f"{place} contains itself."
    if isinstance(value, float) and not math.isfinite(value):
        return f"{place} is {float(value)!r}, which JSON does not have."
    if type(value) in _SCALARS or len(inside) > _DEPTH_OF_SEARCH:
        return None
    if type(value) is dict and (fault := _find_fault_in_keys(value)) is not None:
        return f"{place} {fault}"
    try:
        parts = list(_parts(value, step))
    except TypeError:
        return f"{place} is a {type(value).__qualname__}."
    for key, part in parts:
        fault = find_fault(part, step, place + key, (*inside, id(value)))
        if fault is not None:
            return fault
    return None


_DEPTH_OF_SEARCH = 100


def _find_fault_in_keys(value: dict[t.Any, t.Any]) -> str | None:
    for key in value:
        if not (key is None or isinstance(key, (str, int, float))):
            return f"has the key {key!r}; JSON keys are text."
    if len({isinstance(key, str) for key in value}) > 1:
        return "has keys that are text and keys that are not."
    return None


def _parts(value: t.Any, step: Converter) -> cabc.Iterator[tuple[str, t.Any]]:
    """What a value consists of, each part with how it is reached."""
    if type(value) is dict:
        for key, part in value.items():
            yield f"[{key!r}]", part
    elif type(value) in (list, tuple):
        for index, part in enumerate(value):
            yield f"[{index}]", part
    else:
        yield "", step(value)
