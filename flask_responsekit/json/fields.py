"""Which classes msgspec writes by their fields, and which of them amiss."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import types
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
    """Whether msgspec shows what the kit does not.

    Of attrs classes it writes all that is held, declared or not, but for private names.
    It takes the fields of a dataclass, and the value of an enum, from where they are
    held, and does not ask for them. A dataclass that is a text or a number is an object
    for it.
    """
    if _ATTRS in vars(cls):
        return _is_attrs_amiss(cls)
    if issubclass(cls, enum.Enum):
        return _has_own_value(cls)
    if not dataclasses.is_dataclass(cls):
        return False
    return issubclass(cls, (str, int, float)) or any(
        _is_computed(cls, field.name) for field in dataclasses.fields(cls)
    )


def _has_own_value(cls: type) -> bool:
    bases = (base for base in cls.__mro__ if base.__module__ != "enum")
    return any("value" in vars(base) for base in bases)


def _is_attrs_amiss(cls: type) -> bool:
    names = {attribute.name for attribute in vars(cls)[_ATTRS]}
    is_private = any(name.startswith("_") for name in names)
    is_open = bool(cls.__dictoffset__) or not _get_slots(cls) <= names
    # Those of attrs itself are validators and the like.
    return (is_open or is_private) and not cls.__module__.startswith("attr.")


def _is_computed(cls: type, name: str) -> bool:
    """Whether something else gives an attribute than what holds it."""
    static = inspect.getattr_static(cls, name, None)
    is_slot = isinstance(static, types.MemberDescriptorType)
    return inspect.isdatadescriptor(static) and not is_slot


def _get_slots(cls: type) -> set[str]:
    slots: set[str] = set()
    for base in cls.__mro__:
        own = vars(base).get("__slots__", ())
        slots.update((own,) if isinstance(own, str) else own)
    return slots - {"__weakref__"}


def exist_amiss() -> bool:
    """Whether there are classes whose instances msgspec writes amiss."""
    return any(map(is_written_amiss, with_subclasses((object,))))
