"""Any value to plain data: ``None``, bool, int, float, str, list and dict."""

from __future__ import annotations

import collections.abc as cabc
import functools
import types
import typing as t
import weakref

from werkzeug.sansio.response import Response

from .conversion import convert
from .exceptions import ConverterNotFoundError
from .faults import name_fault
from .libraries.sqlalchemy import make_error_message
from .plain_rows import MANY
from .plain_rows import walk_many
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

    What is done with the values of a type is found out once. One of these holds for as
    long as nothing is registered.

    :param default: what the app's JSON provider does with values that its encoder does
        not know, or ``None``. It is asked before a built-in converter, unless the value
        holds one that a converter of the user's takes: :func:`dataclasses.asdict`, or
        ``str``, would show all of that.
    :param text_keys: whether to make text of keys, as a JSON encoder does. It is left
        to the encoder where there is one, since it may sort the keys before.
    """

    #: What is plain already stays what it is.
    leaves_scalars = True
    #: The types of what is left as it is.
    kept: frozenset[type] = SCALAR_TYPES
    #: What the encoder writes of values that it knows, subclasses included.
    written: cabc.Mapping[type, Converter] = types.MappingProxyType({})

    def __init__(
        self,
        converters: ConverterRegistry,
        default: Converter | None = None,
        *,
        text_keys: bool = False,
    ) -> None:
        #: What says how.
        self.converters = converters
        self._get_default = _weak(default)
        self._text_keys = text_keys
        #: What makes something simpler of values of a type, if nothing else need be
        #: looked at.
        self._steps: cabc.MutableMapping[type, Converter | None]
        #: Whether there are converters of the user's.
        self._has_own: bool
        self._generation = -1
        self._follow_registry()

    def __call__(self, value: t.Any) -> t.Any:
        return self._guard(self.walk, value)

    def _guard(self, make: Converter, value: t.Any) -> t.Any:
        self._follow_registry()
        try:
            return make(value)
        except RecursionError as error:
            raise name_fault(error, value, self.step) from error

    def _follow_registry(self) -> None:
        """Forget what is done with each type, when something was registered."""
        generation = self.converters.generation
        if generation != self._generation:
            self._steps = weakref.WeakKeyDictionary()
            self._has_own = bool(self.converters.own)
            self._generation = generation

    def walk(self, value: t.Any) -> t.Any:
        """Make plain data of a value that stands in another."""
        kind = type(value)
        if kind in self.kept:
            return value
        if kind is dict:
            return self._walk_dict(value)
        if kind is list or kind is tuple:
            return self._walk_items(value)
        simpler = self.step(value)
        return value if simpler is value else self.walk(simpler)

    def _walk_dict(self, value: dict[t.Any, t.Any]) -> dict[t.Any, t.Any]:
        kept, walk = self.kept, self.walk
        return {
            key if type(key) is str else self._key(key): (
                item if type(item) in kept else walk(item)
            )
            for key, item in value.items()
        }

    def _walk_items(self, values: cabc.Sequence[t.Any]) -> list[t.Any]:
        if len(values) >= MANY:
            return [*walk_many(self, values, shares=False)]
        kept, walk = self.kept, self.walk
        return [item if type(item) in kept else walk(item) for item in values]

    def shallow(self, value: t.Any) -> t.Any:
        """Make a scalar of a value, or a dict, list or tuple whose items are as they
        were.
        """
        return self._guard(self._lay_open, value)

    def _lay_open(self, value: t.Any) -> t.Any:
        if type(value) in PLAIN_TYPES or type(value) is tuple:
            return value
        simpler = self.step(value)
        return value if simpler is value else self._lay_open(simpler)

    def each(self, values: list[t.Any]) -> list[t.Any]:
        """Make plain data of each of many values, quickly if they are alike. It is to
        be read only.
        """
        return self._guard(self._walk_rows, values)  # type: ignore[no-any-return]

    def _walk_rows(self, values: list[t.Any]) -> list[t.Any]:
        return [*walk_many(self, values, shares=True)]

    def ready(self, value: t.Any, walks: bool, sorts: bool = False) -> t.Any:
        """Make a value ready for an encoder that asks about what it does not know: what
        is alike is done together, which is quicker than to be asked about each. It is
        to be read only.

        :param walks: whether the encoder is to be given plain data only.
        :param sorts: whether it sorts keys.
        """
        if walks:
            return self._guard(self._walk_to_read, value)
        if type(value) is list:
            return self._ready_rows(value, sorts)
        if type(value) is dict and any(map(_is_long, value.values())):
            return {
                key: self._ready_rows(item, sorts) if _is_long(item) else item
                for key, item in value.items()
            }
        return value

    def _walk_to_read(self, value: t.Any) -> t.Any:
        is_list = type(value) is list
        return self._walk_rows(value) if is_list else self.walk(value)

    def _ready_rows(self, rows: list[t.Any], sorts: bool) -> t.Any:
        if len(rows) < MANY or type(rows[0]) in PLAIN_TYPES:
            return rows
        kind = type(rows[0])
        make = self._find_way(kind, sorts)
        if make is None or {*map(type, rows)} != {kind}:
            return rows
        made = make(rows)
        return rows if made is None else made

    def _find_way(
        self, cls: type, sorts: bool
    ) -> cabc.Callable[[list[t.Any]], t.Any] | None:
        """What makes many values of a class ready together, if that is quicker."""
        return None if self.get_attributes(cls) is None else self._walk_rows

    def _key(self, key: t.Any) -> t.Any:
        """A key that an encoder would write by itself, as its converter says."""
        kind = type(key)
        if kind is str:
            return key
        if kind in SCALAR_TYPES:
            return _write_key(key) if self._text_keys else key
        if not self._is_key(key):
            if self._text_keys:
                raise TypeError(
                    f"The key {key!r} is a {kind.__qualname__}; JSON keys are text."
                )
            return key
        plain = self.walk(key)
        if type(plain) not in SCALAR_TYPES:
            raise TypeError(
                f"The key {key!r} became a {type(plain).__qualname__}; JSON keys are"
                " text."
            )
        return self._key(plain)

    def _is_key(self, key: t.Any) -> bool:
        """Whether the encoder knows a text for a key."""
        return isinstance(key, (str, int, float))

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
            and not (self._has_own and registration.parts is not None)
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
        if parts is None or not self._has_own:
            return registration.converter(value)
        return parts.replace(
            value,
            {
                name: part
                for name, part in parts.get(value).items()
                if self.holds_converted(part)
            },
        )

    def write_json(self, value: t.Any) -> bytes | None:
        """Let a value write its own JSON, if that is what its plain data is."""
        registration = self.converters.lookup(type(value))
        if registration is None or registration.write_json is None:
            return None
        if self._has_own and self.holds_converted(value):
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


def _is_long(value: t.Any) -> bool:
    return type(value) is list and len(value) >= MANY


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
