"""Which classes msgspec writes by their fields, and which of them amiss."""

from __future__ import annotations

import linecache
import sys
import typing as t

from ..registry import with_subclasses

#: Where an attrs class says what its attributes are.
_ATTRS: t.Final = "__attrs_attrs__"
_FIELDS: t.Final = frozenset({"__dataclass_fields__", _ATTRS, "__struct_fields__"})


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


def exist_amiss() -> bool:
    """Whether there are classes whose instances msgspec writes amiss."""
    return any(map(is_written_amiss, with_subclasses((object,))))


def count_classes() -> tuple[int, int]:
    """A mark that changes when there may be more classes with fields than before: with
    a module, or when attrs has made a class, the code of which it leaves in a cache.
    """
    return len(sys.modules), len(linecache.cache)
