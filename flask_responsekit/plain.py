"""Any value to plain data: ``None``, bool, int, float, str, list and dict."""

from __future__ import annotations

import collections.abc as cabc
import typing as t

from .faults import name_fault
from .plain_rows import MANY
from .plain_rows import walk_columns
from .plain_rows import walk_many
from .steps import Steps
from .typing import PLAIN_TYPES
from .typing import SCALAR_TYPES

if t.TYPE_CHECKING:
    from .registration import Attributes
    from .registry import ConverterRegistry
    from .typing import Converter


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


class Plain(Steps):
    """The walk from a value to plain data.

    :param default: what the app's JSON provider does with values that its encoder does
        not know, or ``None``.
    :param text_keys: whether to make text of keys, as a JSON encoder does. It is left
        to the encoder where there is one, since it may sort the keys before.
    """

    #: What is plain already stays what it is.
    leaves_scalars = True
    #: The types of what is left as it is.
    kept: frozenset[type] = SCALAR_TYPES

    def __init__(
        self,
        converters: ConverterRegistry,
        default: Converter | None = None,
        *,
        text_keys: bool = False,
    ) -> None:
        super().__init__(converters, default)
        self._text_keys = text_keys

    def __call__(self, value: t.Any) -> t.Any:
        return self._guard(self.walk, value)

    def _guard(self, make: Converter, value: t.Any) -> t.Any:
        self.follow_registry()
        try:
            return make(value)
        except RecursionError as error:
            raise name_fault(error, value, self.step) from error

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

    def walk_attributes(
        self, attributes: Attributes, values: cabc.Sequence[t.Any], shares: bool
    ) -> cabc.Sequence[t.Any]:
        """Make plain data of many values of one type, by their attributes.

        :param shares: what is made is read only.
        """
        dicts = attributes.get_each(values)
        return walk_columns(self, attributes.names, dicts, shares)

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
            return self._write_key(key) if self._text_keys else key
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

    def _write_key(self, key: float | None) -> str:
        return write_key(key)

    def _is_key(self, key: t.Any) -> bool:
        """Whether the encoder knows a text for a key."""
        return isinstance(key, (str, int, float))


def _is_long(value: t.Any) -> bool:
    return type(value) is list and len(value) >= MANY


def write_key(key: float | None) -> str:
    """What a JSON encoder writes for a key."""
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return repr(key)
