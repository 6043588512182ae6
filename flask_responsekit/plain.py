"""Any value to plain data: ``None``, bool, int, float, str, list and dict."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import types
import typing as t
import weakref

from werkzeug.sansio.response import Response

from .conversion import convert
from .exceptions import ConverterNotFoundError
from .faults import name_fault
from .stream import Streamed
from .typing import PLAIN_TYPES
from .typing import SCALAR_TYPES

if t.TYPE_CHECKING:
    from .registry import ConverterRegistry
    from .typing import Converter

#: What a JSON encoder writes without asking, subclasses included.
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
    :raises TypeError: if a key is none that JSON has a text for.
    """
    return Plain(converters, text_keys=True)(value)


class Plain:
    """The walk from a value to plain data.

    :param default: what the app's JSON provider does with values that its encoder does
        not know, or ``None``. It is asked before a built-in converter, unless the value
        holds one that a converter of the user's takes: :func:`dataclasses.asdict`, or
        ``str``, would show all of that.
    :param text_keys: whether to make text of keys, as a JSON encoder does. It is left
        to the encoder where there is one, since it may sort the keys before.
    """

    #: What is plain already stays what it is.
    leaves_scalars = True

    def __init__(
        self,
        converters: ConverterRegistry,
        default: Converter | None = None,
        *,
        text_keys: bool = False,
    ) -> None:
        self._converters = converters
        self._get_default = _weak(default)
        self._text_keys = text_keys

    def __call__(self, value: t.Any) -> t.Any:
        try:
            return self._walk(value)
        except RecursionError as error:
            raise name_fault(error, value, self.step) from error

    def _walk(self, value: t.Any) -> t.Any:
        kind = type(value)
        if kind in SCALAR_TYPES:
            return value
        if kind is dict:
            return {self._key(key): self._walk(item) for key, item in value.items()}
        if kind is list or kind is tuple:
            return [self._walk(item) for item in value]
        simpler = self.step(value)
        return value if simpler is value else self._walk(simpler)

    def _key(self, key: t.Any) -> t.Any:
        """A key that an encoder would write by itself, as its converter says."""
        kind = type(key)
        if kind is str:
            return key
        if kind in SCALAR_TYPES:
            return _write_key(key) if self._text_keys else key
        if not isinstance(key, (str, int, float)):
            if self._text_keys:
                raise TypeError(
                    f"The key {key!r} is a {kind.__qualname__}; JSON keys are text."
                )
            return key
        plain = self._walk(key)
        if type(plain) not in SCALAR_TYPES:
            raise TypeError(
                f"The key {key!r} became a {type(plain).__qualname__}; JSON keys are"
                " text."
            )
        return self._key(plain)

    def shallow(self, value: t.Any) -> t.Any:
        """Make a scalar of a value, or a dict, list or tuple whose items are as they
        were.
        """
        try:
            return self._lay_open(value)
        except RecursionError as error:
            raise name_fault(error, value, self.step) from error

    def _lay_open(self, value: t.Any) -> t.Any:
        if type(value) in PLAIN_TYPES or type(value) is tuple:
            return value
        simpler = self.step(value)
        return value if simpler is value else self._lay_open(simpler)

    def each(self, values: list[t.Any]) -> list[t.Any]:
        """Make plain data of each of many values, quickly if they are alike. It is to
        be read only.
        """
        kinds = {*map(type, values)}
        if kinds == {tuple} and _has_only(values, SCALAR_TYPES):
            return [*map(list, values)]
        rows = self._get_dicts(kinds, values)
        if rows is None:
            return [*map(self, values)]
        if _has_only(map(dict.values, rows), SCALAR_TYPES):
            return rows
        return [
            {
                key: item if type(item) in SCALAR_TYPES else self(item)
                for key, item in row.items()
            }
            for row in rows
        ]

    def _get_dicts(
        self, kinds: set[type], values: list[t.Any]
    ) -> list[dict[str, t.Any]] | None:
        """The dicts that values of one type are, or become in one step, if their keys
        are sure to be text.
        """
        if kinds == {dict}:
            return values if _has_only(values, _TEXT) else None
        if len(kinds) != 1:
            return None
        (kind,) = kinds
        registration = self._converters.lookup(kind)
        if registration is None or self.get_attributes(kind) is None:
            return None
        rows: list[t.Any] = [*map(registration.converter, values)]
        return rows

    def get_attributes(self, cls: type) -> tuple[str, ...] | None:
        """The names of the attributes that instances of a class are taken by; ``None``
        if they are taken otherwise.
        """
        registration = self._converters.lookup(cls)
        is_ours = self._get_default() is None and not issubclass(cls, NATIVE_TYPES)
        return registration.attributes if registration and is_ours else None

    def step(self, value: t.Any) -> t.Any:
        """Make something simpler of a value that is not plain."""
        registration = self._converters.lookup(type(value))
        if registration is None:
            return self._settle_natively(value, None)
        if registration.plain:
            return self._settle_natively(value, registration.converter)
        if self._converters.is_own(registration):
            body = self._convert(value)
            if isinstance(body, _BODIES) and registration.key in PLAIN_TYPES:
                # It is for what views return. What is plain already stays inside.
                return _write_natively(value)
            return _check_inside(body, value)
        return _check_inside(self._settle(value, self._convert), value)

    def _convert(self, value: t.Any) -> t.Any:
        return convert(value, self._converters, inside=True)[0]

    def _settle_natively(self, value: t.Any, converter: Converter | None) -> t.Any:
        if isinstance(value, NATIVE_TYPES):
            return _write_natively(value)
        return self._settle(value, converter)

    def _settle(self, value: t.Any, converter: Converter | None) -> t.Any:
        """Make something simpler of a value that no converter of the user's takes.

        :param converter: the built-in one, if there is one.
        """
        if isinstance(value, Streamed):
            raise TypeError(
                f"{type(value).__qualname__} objects are read while they are sent, so"
                " they are what a view returns, and cannot stand inside other data."
                " Give a list."
            )
        default = self._get_default()
        if default is not None and not self.holds_converted(value):
            try:
                return default(value)
            except TypeError:
                if converter is None:
                    raise
        if converter is None:
            found = (
                f"Object of type {type(value).__qualname__} is not JSON serializable."
            )
            if isinstance(value, type):
                found += f" It is the class {value.__qualname__}, not an instance."
            raise ConverterNotFoundError(type(value), found)
        return converter(value)

    def holds_converted(self, value: t.Any) -> bool:
        """Whether a converter of the user's takes a value, or one that stands in it."""
        kind = type(value)
        if kind in SCALAR_TYPES:
            return False
        registration = self._converters.lookup(kind)
        if registration is not None and kind not in PLAIN_TYPES:
            if self._converters.is_own(registration):
                return True
            if not registration.plain:
                return False
        if isinstance(value, cabc.Mapping):
            return any(map(self.holds_converted, (*value.keys(), *value.values())))
        if isinstance(value, _COLLECTIONS):
            return any(map(self.holds_converted, value))
        return registration is not None and self.holds_converted(
            registration.converter(value)
        )


def _has_only(rows: cabc.Iterable[cabc.Iterable[t.Any]], types: cabc.Set[type]) -> bool:
    """Whether all that stands in rows is of these types."""
    return {*map(type, itertools.chain.from_iterable(rows))} <= types


_TEXT = frozenset({str})
_BODIES = (Response, cabc.Iterator)
#: What is looked into for values that a converter takes.
_COLLECTIONS = (tuple, cabc.Set, cabc.MutableSequence, cabc.ValuesView)


def _check_inside(body: t.Any, value: t.Any) -> t.Any:
    if isinstance(body, _BODIES):
        raise TypeError(
            f"A {type(value).__qualname__} became the body of a response, which cannot"
            " stand inside other data. Let its converter return data."
        )
    return body


def _write_natively(value: t.Any) -> t.Any:
    """What an encoder makes of a value of a subclass: that of the base class."""
    if isinstance(value, dict):
        return dict(value.items())
    if isinstance(value, (list, tuple)):
        return [*value]
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)


def _write_key(key: float | None) -> str:
    """What a JSON encoder writes for a key."""
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return repr(key)


def _weak(function: Converter | None) -> t.Callable[[], t.Any]:
    """A reference that does not keep the object of a bound method alive."""
    if isinstance(function, types.MethodType):
        return weakref.WeakMethod(function)
    return lambda: function
