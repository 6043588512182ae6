"""Structs of msgspec as what msgspec writes of them, one level at a time."""

from __future__ import annotations

import collections.abc as cabc
import importlib
import typing as t

#: Whether a value of a field, known by its name, is left out.
_IsOmitted: t.TypeAlias = cabc.Callable[[str, t.Any], bool]


def has_plain_fields(cls: t.Any) -> bool:
    """Whether structs of a class are written as an object of all their fields, under
    their own names.
    """
    config = cls.__struct_config__
    is_whole = not (config.array_like or config.omit_defaults or config.tag is not None)
    return (
        is_whole
        and cls.__struct_fields__ == cls.__struct_encode_fields__
        and not _may_be_unset(cls)
    )


def _may_be_unset(cls: t.Any) -> bool:
    """Whether structs of a class may lack the values of some of their fields."""
    msgspec: t.Any = importlib.import_module("msgspec")
    if any(default is msgspec.UNSET for default in cls.__struct_defaults__):
        return True
    try:
        hints = t.get_type_hints(cls)
    except Exception:
        # Some names in annotations mean something to type checkers only.
        return True
    return any("Unset" in str(hint) for hint in hints.values())


def make_opener(cls: t.Any) -> cabc.Callable[[t.Any], t.Any]:
    """What makes a dict of a struct, or a list if that is how it is written, with the
    names, the tag and the omissions that its class declares. Its values stay what they
    are.
    """
    config = cls.__struct_config__
    names = cls.__struct_fields__
    if config.array_like:
        tag = [] if config.tag is None else [config.tag]
        return lambda struct: [*tag, *(getattr(struct, name) for name in names)]
    beginning = {} if config.tag is None else {config.tag_field: config.tag}
    is_omitted = _find_omissions(cls)
    pairs = [*zip(cls.__struct_encode_fields__, names, strict=True)]

    def open_struct(struct: t.Any) -> dict[str, t.Any]:
        values = [(key, name, getattr(struct, name)) for key, name in pairs]
        kept = {
            key: value for key, name, value in values if not is_omitted(name, value)
        }
        return beginning | kept

    return open_struct


def _find_omissions(cls: t.Any) -> _IsOmitted:
    msgspec: t.Any = importlib.import_module("msgspec")
    if not cls.__struct_config__.omit_defaults:
        return lambda name, value: value is msgspec.UNSET
    # The last fields are those with defaults, unless these are called NODEFAULT.
    fields = reversed(cls.__struct_fields__)
    defaults = dict(zip(fields, reversed(cls.__struct_defaults__), strict=False))

    def is_omitted(name: str, value: t.Any) -> bool:
        default = defaults.get(name, msgspec.NODEFAULT)
        # As msgspec has it: the very default, or an empty container of a new one.
        is_new = getattr(default, "factory", None) is type(value) and not value
        return value is msgspec.UNSET or value is default or is_new

    return is_omitted
