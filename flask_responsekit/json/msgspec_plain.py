"""What msgspec writes of values, as plain data."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import enum
import functools
import itertools
import math
import operator
import typing as t
import uuid

from ..converters import from_set
from ..plain import Plain
from ..plain_rows import walk_many
from ..typing import SCALAR_TYPES

if t.TYPE_CHECKING:
    from ..registration import Attributes
    from ..registry import ConverterRegistry
    from ..typing import Converter

#: What has no parts, and a text of its own in msgspec.
_LEAVES: t.Final[tuple[type, ...]] = (
    *(datetime.datetime, datetime.date, datetime.time, datetime.timedelta),
    *(decimal.Decimal, uuid.UUID, bytes, bytearray, memoryview),
)
#: What msgspec writes without asking. Of most leaves, it asks about subclasses.
NATIVE_TYPES = (
    *(str, int, float, list, tuple, dict, set, frozenset, enum.Enum),
    *_LEAVES,
)


class MsgspecPlain(Plain):
    """The walk from a value to what parsing the JSON of msgspec would give."""

    # NaN and the infinities become None.
    kept = SCALAR_TYPES - {float}

    def __init__(
        self,
        converters: ConverterRegistry,
        default: Converter | None = None,
        *,
        text_keys: bool = False,
    ) -> None:
        super().__init__(converters, default, text_keys=text_keys)
        self.written = _get_written()

    def _is_key(self, key: t.Any) -> bool:
        # It asks about keys as about values, and takes what becomes a text or a number.
        is_known = self.converters.lookup(type(key)) is not None
        return is_known or super()._is_key(key) or isinstance(key, _LEAVES)

    def _write_key(self, key: float | None) -> str:
        if type(key) is not float or not math.isfinite(key):
            return super()._write_key(key)
        from msgspec.json import encode

        # It spells very large and very small numbers otherwise than Python does.
        return encode(key).decode()


class PartlyPlain(MsgspecPlain):
    """The walk to data that msgspec can be given: what it writes as it should is left
    as it is.
    """

    def __init__(
        self, converters: ConverterRegistry, default: Converter | None = None
    ) -> None:
        super().__init__(converters, default)
        free = itertools.filterfalse(self.is_converted, _LEAVES)
        self.kept = SCALAR_TYPES.union(free)

    def walk_attributes(
        self, attributes: Attributes, values: cabc.Sequence[t.Any], shares: bool
    ) -> cabc.Sequence[t.Any]:
        """Make what msgspec writes as a dict, more quickly than a dict is made."""
        names = attributes.names
        struct = _find_struct(names) if shares else None
        if struct is None:
            return super().walk_attributes(attributes, values, shares)
        columns = zip(*map(operator.attrgetter(*names), values), strict=True)
        return [*map(struct, *(walk_many(self, one, shares=True) for one in columns))]

    def ready(self, value: t.Any, walks: bool, sorts: bool = False) -> t.Any:
        """Make a value ready for msgspec, which does not ask a dict of a subclass, such
        as a form, what its items are.
        """
        if not walks:
            value = _open_dict(value)
            if type(value) is dict and any(map(_is_odd_dict, value.values())):
                value = {key: _open_dict(item) for key, item in value.items()}
        return super().ready(value, walks, sorts)

    def _find_way(
        self, cls: type, sorts: bool
    ) -> cabc.Callable[[list[t.Any]], t.Any] | None:
        if self.is_converted(cls):
            return self._walk_rows
        registration = self.converters.lookup(cls)
        if registration is None or registration.write_many is None:
            return None
        return functools.partial(
            registration.write_many, cls, self.may_convert or sorts
        )


def _is_odd_dict(value: object) -> bool:
    return isinstance(value, dict) and type(value) is not dict


def _open_dict(value: t.Any) -> t.Any:
    return dict(value.items()) if _is_odd_dict(value) else value


@functools.lru_cache(maxsize=256)
def _find_struct(names: tuple[str, ...]) -> type | None:
    """A class for rows; ``None`` if there cannot be one with these fields."""
    from msgspec import defstruct

    if len(names) < 2 or any(name.startswith("__") for name in names):
        return None
    return defstruct("Row", names, gc=False)


@functools.cache
def _get_written() -> cabc.Mapping[type, Converter]:
    """What msgspec makes of values of some types, and of those of their subclasses."""
    from msgspec import to_builtins

    def by(cls: type, make_exact: Converter) -> Converter:
        return lambda value: to_builtins(
            value if type(value) is cls else make_exact(value)
        )

    table: dict[type, Converter] = {cls: by(cls, make) for cls, make in _EXACT.items()}
    # Not by itself: there may be gaps in what it shows.
    table[memoryview] = lambda view: to_builtins(bytes(view))
    table |= dict.fromkeys((set, frozenset), _list_members)
    return table | {float: _drop_constant, uuid.UUID: str}


def _list_members(members: cabc.Set[t.Any]) -> list[t.Any]:
    """List the members in order, if they have one. To msgspec, it does not matter."""
    try:
        return from_set(members)
    except TypeError:
        return [*members]


def _drop_constant(number: float) -> float | None:
    return float.__float__(number) if math.isfinite(number) else None


#: What makes values of the type itself of those of a subclass.
_EXACT: dict[type, Converter] = {
    datetime.datetime: lambda one: datetime.datetime.combine(one.date(), one.timetz()),
    datetime.date: lambda one: datetime.date(one.year, one.month, one.day),
    datetime.time: lambda one: datetime.time(
        *(one.hour, one.minute, one.second, one.microsecond, one.tzinfo), fold=one.fold
    ),
    datetime.timedelta: lambda one: datetime.timedelta(
        one.days, one.seconds, one.microseconds
    ),
    decimal.Decimal: decimal.Decimal,
    bytes: bytes,
    bytearray: bytes,
}
