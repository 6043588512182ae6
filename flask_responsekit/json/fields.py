"""Which classes msgspec writes by their fields, and which of them amiss."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import itertools
import sys
import types
import typing as t

from ..converters import is_excluded
from ..registry import with_subclasses

#: Where an attrs class says what its attributes are.
_ATTRS: t.Final = "__attrs_attrs__"
#: What has classes with fields of which nobody sends instances.
_INTERNAL: t.Final = ("attr", "flask_responsekit", "jsonschema", "referencing")
#: What says what a container consists of.
_ITERATING: t.Final = frozenset({"__iter__", "items", "keys", "values"})
_CONTAINERS: t.Final = (list, tuple, dict)
_FIELDS: t.Final = frozenset({"__dataclass_fields__", _ATTRS, "__struct_fields__"})


def has_fields(cls: type) -> bool:
    """Whether msgspec writes the fields of instances of a class."""
    # Not getattr: all classes of the process are asked, also those that would answer.
    return any(not _FIELDS.isdisjoint(vars(base)) for base in cls.__mro__)


def is_written_amiss(cls: type) -> bool:
    """Whether msgspec shows what the kit does not.

    Of attrs classes it writes all that is held, declared or not, but for private names.
    It takes the fields of a dataclass, and the value of an enum, from where they are
    held, and does not ask for them; nor does it ask a container for its items. A
    dataclass that is a text or a number is an object for it.
    """
    if _get_root(cls) in _INTERNAL:
        return False
    if _ATTRS in vars(cls):
        return _is_attrs_amiss(cls)
    if issubclass(cls, enum.Enum):
        return _has_own_value(cls)
    if dataclasses.is_dataclass(cls):
        return issubclass(cls, (str, int, float)) or any(
            _is_field_amiss(cls, field) for field in dataclasses.fields(cls)
        )
    return issubclass(cls, _CONTAINERS) and _has_own_items(cls)


def _is_field_amiss(cls: type, field: dataclasses.Field[t.Any]) -> bool:
    if _is_computed(cls, field.name) or is_excluded(cls, field.name):
        return True
    # What is not given to the constructor may be held by the class.
    is_held_by_class = not field.init and field.default is not dataclasses.MISSING
    return is_held_by_class and not _is_of_library(cls)


def _has_own_items(cls: type) -> bool:
    """Whether a class says otherwise what a container consists of."""
    bases = itertools.takewhile(lambda base: base not in _CONTAINERS, cls.__mro__)
    return not _is_of_library(cls) and any(
        not _ITERATING.isdisjoint(vars(base))
        for base in bases
        if not _is_of_library(base)
    )


def _is_of_library(cls: type) -> bool:
    """Whether a class comes with Python or an installed package, which have many such
    classes for their own purposes.
    """
    if _get_root(cls) in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def _get_root(cls: type) -> str:
    # Some compiled classes have something else there.
    module: object = cls.__module__
    return module.partition(".")[0] if isinstance(module, str) else ""


def _has_own_value(cls: type) -> bool:
    bases = (base for base in cls.__mro__ if _get_root(base) != "enum")
    return any("value" in vars(base) for base in bases)


def _is_attrs_amiss(cls: type) -> bool:
    names = {attribute.name for attribute in vars(cls)[_ATTRS]}
    is_private = any(name.startswith("_") for name in names)
    is_open = bool(cls.__dictoffset__) or not _get_slots(cls) <= names
    return is_open or is_private


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
