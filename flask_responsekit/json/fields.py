"""Which classes msgspec writes by their fields, and which of them amiss."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import types
import typing as t
import uuid
import weakref

from ..registry import with_subclasses

#: Where an attrs class says what its attributes are.
_ATTRS: t.Final = "__attrs_attrs__"
_FIELDS: t.Final = frozenset({"__dataclass_fields__", _ATTRS, "__struct_fields__"})
#: What nothing else stands in.
_LEAVES: t.Final = frozenset(
    {
        *(type(None), bool, int, float, str, bytes, uuid.UUID, decimal.Decimal),
        *(datetime.datetime, datetime.date, datetime.time, datetime.timedelta),
    }
)
_CONTAINERS: t.Final = (list, tuple, set, frozenset, dict, t.Union, types.UnionType)


def has_fields(cls: type) -> bool:
    """Whether msgspec writes the fields of instances of a class."""
    # Not getattr: all classes of the process are asked, also those that would answer.
    return any(not _FIELDS.isdisjoint(vars(base)) for base in cls.__mro__)


def is_written_amiss(cls: type) -> bool:
    """Whether msgspec shows what the kit does not: of attrs classes it writes all that
    is held, declared or not, but for private names; and a dataclass that is a text or a
    number is an object for it.
    """
    if _ATTRS in vars(cls):
        names = {attribute.name for attribute in vars(cls)[_ATTRS]}
        is_private = any(name.startswith("_") for name in names)
        is_open = bool(cls.__dictoffset__) or not _get_slots(cls) <= names
        # Those of attrs itself are validators and the like.
        return (is_open or is_private) and not cls.__module__.startswith("attr.")
    return issubclass(cls, (str, int, float)) and has_fields(cls)


def _get_slots(cls: type) -> set[str]:
    slots: set[str] = set()
    for base in cls.__mro__:
        own = vars(base).get("__slots__", ())
        slots.update((own,) if isinstance(own, str) else own)
    return slots - {"__weakref__"}


#: What is known of classes.
_closed: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()


def is_closed(cls: type) -> bool:
    """Whether what may stand in instances of a class is known, as far as annotations
    say, and is nothing that is written amiss.

    >>> is_closed(int), is_closed(list)
    (True, False)
    """
    if cls in _LEAVES:
        return True
    if cls not in _closed:
        # A class may stand in itself.
        _closed[cls] = True
        _closed[cls] = _is_closed_class(cls)
    return _closed[cls]


def _is_closed_class(cls: type) -> bool:
    if issubclass(cls, enum.Enum):
        return True
    if not dataclasses.is_dataclass(cls) or is_written_amiss(cls):
        return False
    try:
        hints = t.get_type_hints(cls)
    except Exception:
        # Some names in annotations mean something to type checkers only.
        return False
    subclasses = [one for one in with_subclasses(cls.__subclasses__())]
    return all(map(_is_closed_hint, hints.values())) and all(map(is_closed, subclasses))


def _is_closed_hint(hint: t.Any) -> bool:
    if isinstance(hint, type) and t.get_origin(hint) is None:
        return is_closed(hint)
    if t.get_origin(hint) in _CONTAINERS:
        return all(map(_is_closed_hint, t.get_args(hint)))
    return t.get_origin(hint) is t.Literal
