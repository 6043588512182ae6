"""One step from a value to something simpler."""

from __future__ import annotations

import collections.abc as cabc
import functools
import types
import typing as t
import weakref

from werkzeug.sansio.response import Response

from .conversion import convert
from .exceptions import ConverterNotFoundError
from .libraries.sqlalchemy import make_error_message
from .registry import exist_response_methods
from .stream import Streamed
from .typing import PLAIN_TYPES
from .typing import SCALAR_TYPES

if t.TYPE_CHECKING:
    from .registration import Attributes
    from .registration import Registration
    from .registry import ConverterRegistry
    from .typing import Converter

#: What a JSON encoder writes without asking, subclasses included.
NATIVE_TYPES = (str, int, float, list, tuple, dict)


class Steps:
    """Says what becomes of a value that is not plain.

    What is done with the values of a type is found out once, and forgotten when
    something is registered.

    :param default: what the app's JSON provider does with values that its encoder does
        not know, or ``None``. It is asked before a built-in converter, unless the value
        holds one that a converter of the user's takes: :func:`dataclasses.asdict`, or
        ``str``, would show all of that.
    """

    #: What the encoder writes of values that it knows, subclasses included.
    written: cabc.Mapping[type, Converter] = types.MappingProxyType({})

    def __init__(
        self,
        converters: ConverterRegistry,
        default: Converter | None = None,
    ) -> None:
        #: What says how.
        self.converters = converters
        self._get_default = _weak(default)
        #: What makes something simpler of values of a type, if nothing else need be
        #: looked at.
        self._steps: cabc.MutableMapping[type, Converter | None]
        self._generation = -1
        self.follow_registry()

    def follow_registry(self) -> None:
        """Forget what is done with each type, when something was registered."""
        generation = self.converters.generation
        if generation != self._generation:
            self._steps = weakref.WeakKeyDictionary()
            self._generation = generation

    def get_attributes(self, cls: type) -> tuple[str, ...] | None:
        """The names of the attributes that instances of a class are taken by; ``None``
        if they are taken otherwise.
        """
        attributes = self.find_attributes(cls)
        return None if attributes is None else attributes.names

    def find_attributes(self, cls: type) -> Attributes | None:
        """What takes instances of a class by their attributes; ``None`` if they are
        taken otherwise.
        """
        registration = self.converters.lookup(cls)
        is_ours = self._decides and not issubclass(cls, NATIVE_TYPES)
        return registration.attributes if registration and is_ours else None

    def is_converted(self, cls: type) -> bool:
        """Whether a converter of the user's takes values of a class."""
        registration = self.converters.lookup(cls)
        return registration is not None and self.converters.is_own(registration)

    @property
    def may_convert(self) -> bool:
        """Whether there is anything that a converter of the user's may take."""
        return bool(self.converters.own) or exist_response_methods()

    @property
    def _decides(self) -> bool:
        """Whether nobody else is asked what becomes of a value."""
        return self._get_default() is None

    def step(self, value: t.Any) -> t.Any:
        """Make something simpler of a value that is not plain."""
        step = self.find_step(type(value))
        return self._step_carefully(value) if step is None else step(value)

    def find_step(self, cls: type) -> Converter | None:
        """What makes something simpler of values of a type, if that is all there is to
        do.
        """
        try:
            return self._steps[cls]
        except KeyError:
            step = self._steps[cls] = self._make_step(cls)
            return step

    def _make_step(self, cls: type) -> Converter | None:
        if self.is_converted(cls):
            return None
        registration = self.converters.lookup(cls)
        for base in cls.__mro__:
            # Unless something nearer is known of it.
            if base in self.written and self.converters.lookup(base) is registration:
                return self.written[base]
        is_simple = (
            registration is not None
            and registration.plain
            and self._decides
            and not issubclass(cls, NATIVE_TYPES)
            and not (registration.parts is not None and self.may_convert)
        )
        return registration.converter if registration and is_simple else None

    def _step_carefully(self, value: t.Any) -> t.Any:
        registration = self.converters.lookup(type(value))
        if registration is None:
            return self._settle_natively(value, None)
        if registration.plain:
            make = functools.partial(self._take_apart, registration)
            return self._settle_natively(value, make)
        if self.converters.is_own(registration):
            body = self._convert(value)
            if isinstance(body, _BODIES) and registration.key in PLAIN_TYPES:
                # It is for what views return. What is plain already stays inside.
                return _write_natively(value)
            return _check_inside(body, value)
        return _check_inside(self._settle(value, self._convert), value)

    def _convert(self, value: t.Any) -> t.Any:
        return convert(value, self.converters, inside=True)[0]

    def _take_apart(self, registration: Registration, value: t.Any) -> t.Any:
        """Make something simpler of a value, but leave what stands in it as it is where
        a converter of the user's takes that.
        """
        parts = registration.parts
        if parts is None or not self.holds_converted(value):
            return registration.converter(value)
        return parts.convert_except(value, self.is_converted)

    def write_json(self, value: t.Any) -> bytes | None:
        """Let a value write its own JSON, if that is what its plain data is."""
        registration = self.converters.lookup(type(value))
        if registration is None or registration.write_json is None:
            return None
        if self.may_convert and self.holds_converted(value):
            return None
        return registration.write_json(value)

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
            advice = make_error_message(type(value))
            raise ConverterNotFoundError(type(value), found, advice)
        return converter(value)

    def holds_converted(self, value: t.Any) -> bool:
        """Whether a converter of the user's takes a value, or one that stands in it."""
        kind = type(value)
        if kind in SCALAR_TYPES:
            return False
        registration = self.converters.lookup(kind)
        if registration is not None and kind not in PLAIN_TYPES:
            if self.converters.is_own(registration):
                return True
            if not registration.plain:
                return False
            if registration.parts is not None:
                return any(
                    map(self.holds_converted, registration.parts.get(value).values())
                )
        if isinstance(value, cabc.Mapping):
            return any(map(self.holds_converted, (*value.keys(), *value.values())))
        if isinstance(value, _COLLECTIONS):
            return any(map(self.holds_converted, value))
        return registration is not None and self.holds_converted(
            registration.converter(value)
        )


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


def _weak(function: Converter | None) -> t.Callable[[], t.Any]:
    """A reference that does not keep the object of a bound method alive."""
    if isinstance(function, types.MethodType):
        return weakref.WeakMethod(function)
    return lambda: function
