"""What msgspec writes of values, as plain data."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import enum
import functools
import itertools
import math
import typing as t
import uuid

from ..plain import Plain
from ..registry import with_subclasses
from ..typing import SCALAR_TYPES

if t.TYPE_CHECKING:
    from ..registry import ConverterRegistry
    from ..typing import Converter

#: What has no parts, and a text of its own in msgspec.
_LEAVES: t.Final[tuple[type, ...]] = (
    *(datetime.datetime, datetime.date, datetime.time, datetime.timedelta),
    *(decimal.Decimal, uuid.UUID, bytes, bytearray, memoryview),
)
#: Where an attrs class says what its attributes are.
_ATTRS: t.Final = "__attrs_attrs__"
#: What msgspec writes without asking. Of most leaves, it asks about subclasses.
_NATIVE_TYPES = (
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
        is_native = isinstance(key, (enum.Enum, *_LEAVES))
        return is_native or super()._is_key(key) or self.is_converted(type(key))


class PartlyPlain(MsgspecPlain):
    """The walk to data that msgspec can be given: what it writes as it should is left
    as it is.
    """

    def __init__(self, converters: ConverterRegistry) -> None:
        super().__init__(converters)
        free = itertools.filterfalse(self.is_converted, _LEAVES)
        self.kept = SCALAR_TYPES.union(free)

    def _find_way(self, cls: type) -> cabc.Callable[[list[t.Any]], t.Any] | None:
        registration = self.converters.lookup(cls)
        if registration is None or registration.write_many is None:
            return None
        return functools.partial(registration.write_many, cls, self._has_own)


@functools.cache
def _get_written() -> cabc.Mapping[type, Converter]:
    """What msgspec makes of values of some types, and of those of their subclasses."""
    from msgspec import to_builtins

    def by(cls: type, make_exact: Converter) -> Converter:
        return lambda value: to_builtins(
            value if type(value) is cls else make_exact(value)
        )

    table: dict[type, Converter] = {cls: by(cls, make) for cls, make in _EXACT.items()}
    return table | {float: _drop_constant, uuid.UUID: str}


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
    memoryview: bytes,
}


def must_be_plain(converters: ConverterRegistry) -> bool:
    """Whether msgspec cannot be given values as they are: a converter takes some that
    it would write without asking, or there are classes that it writes amiss.
    """
    return converters.claims(_NATIVE_TYPES, _has_fields) or any(
        map(_is_written_amiss, with_subclasses((object,)))
    )


def _has_fields(cls: type) -> bool:
    """Whether msgspec writes the fields of instances of a class."""
    # Not getattr: all classes of the process are asked, also those that would answer.
    return any(not _FIELDS.isdisjoint(vars(base)) for base in cls.__mro__)


_FIELDS = frozenset({"__dataclass_fields__", _ATTRS, "__struct_fields__"})


def _is_written_amiss(cls: type) -> bool:
    """Whether msgspec shows what the kit does not: of attrs classes it writes all that
    is held, declared or not, but for private names; and a dataclass that is a text or a
    number is an object for it.
    """
    if _ATTRS in vars(cls):
        names = {attribute.name for attribute in vars(cls)[_ATTRS]}
        is_private = any(name.startswith("_") for name in names)
        return bool(cls.__dictoffset__) or is_private or not _get_slots(cls) <= names
    return issubclass(cls, (str, int, float)) and _has_fields(cls)


def _get_slots(cls: type) -> set[str]:
    slots: set[str] = set()
    for base in cls.__mro__:
        own = vars(base).get("__slots__", ())
        slots.update((own,) if isinstance(own, str) else own)
    return slots - {"__weakref__"}
