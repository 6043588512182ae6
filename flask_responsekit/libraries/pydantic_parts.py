"""What stands in models of pydantic, left as it is where a converter takes it."""

from __future__ import annotations

import collections
import collections.abc as cabc
import dataclasses
import importlib
import typing as t

from .pydantic import dump
from .pydantic import has_own_dump

#: Whether a converter takes values of a class.
IsTaken: t.TypeAlias = cabc.Callable[[type], bool]


def get_parts(model: t.Any) -> dict[str, t.Any]:
    """The values that may be dumped of a model as they are, by name: not those that a
    serializer of the model's own takes, which has the last word.
    """
    cls = type(model)
    decorators = cls.__pydantic_decorators__
    if decorators.model_serializers or has_own_dump(cls):
        return {}
    serializers = decorators.field_serializers.values()
    own = {name for one in serializers for name in one.info.fields}
    own |= {name for name, field in cls.model_fields.items() if _is_serialized(field)}
    computed = {name: getattr(model, name) for name in _get_computed(cls)}
    extra = model.__pydantic_extra__ or {}
    held = {
        name: part for name, part in vars(model).items() if name in cls.model_fields
    }
    parts = {**held, **extra, **computed}
    _refuse_iterators(cls, parts)
    return {} if "*" in own else {key: parts[key] for key in parts if key not in own}


def _refuse_iterators(cls: type, parts: dict[str, t.Any]) -> None:
    for name, part in parts.items():
        if isinstance(part, cabc.Iterator):
            raise TypeError(
                f"The field {name!r} of a {cls.__qualname__} holds a"
                f" {type(part).__qualname__}, which is read once. Give it a list, so"
                " that it can be seen what a converter takes of it."
            )


def _is_serialized(field: t.Any) -> bool:
    """Whether a field has a serializer in its annotation."""
    return any("Serializer" in type(one).__name__ for one in field.metadata)


def _get_computed(cls: t.Any) -> dict[str, t.Any]:
    """The computed fields of a class. Old releases tell a model only."""
    decorators = cls.__pydantic_decorators__.computed_fields
    return {name: decorator.info for name, decorator in decorators.items()}


def dump_except(model: t.Any, is_taken: IsTaken) -> t.Any:
    """Dump a model, but leave what stands in it, at any depth, as it is where a
    converter takes it.
    """
    return _restore_parts(model, dump(model), is_taken)


def _restore(value: t.Any, dumped: t.Any, is_taken: IsTaken) -> t.Any:
    """Put values back into what was dumped of them. What was left out stays so: it is
    looked for in what is there.
    """
    if is_taken(type(value)):
        return value
    if isinstance(value, cabc.Mapping):
        return _restore_items(value, dumped, is_taken)
    if isinstance(value, _ARRAYS) and _is_alike(value, dumped, list):
        pairs = zip(value, dumped, strict=True)
        return [_restore(one, other, is_taken) for one, other in pairs]
    return _restore_parts(value, dumped, is_taken)


def _restore_parts(value: t.Any, dumped: t.Any, is_taken: IsTaken) -> t.Any:
    cls = type(value)
    if dataclasses.is_dataclass(cls):
        names = [field.name for field in dataclasses.fields(cls)]
        parts = {name: getattr(value, name, None) for name in names}
    elif isinstance(value, importlib.import_module("pydantic").BaseModel):
        parts = get_parts(value)
        if cls.__pydantic_root_model__ and parts:
            return _restore(parts["root"], dumped, is_taken)
    else:
        return dumped
    if not isinstance(dumped, dict):
        return dumped
    # Under which it was dumped is a matter of the release and of two configurations.
    parts |= {alias: parts[name] for name, alias in _list_aliases(cls) if name in parts}
    return {
        key: _restore(parts[key], item, is_taken) if key in parts else item
        for key, item in dumped.items()
    }


def _list_aliases(cls: t.Any) -> cabc.Iterator[tuple[str, str]]:
    fields = {**getattr(cls, "__pydantic_fields__", {}), **_get_fields(cls)}
    for name, field in fields.items():
        for kind in ("serialization_alias", "alias"):
            alias = getattr(field, kind, None)
            if alias is not None:
                yield name, alias


def _get_fields(cls: t.Any) -> dict[str, t.Any]:
    """The fields of a model, the computed ones included."""
    if not hasattr(cls, "model_fields"):
        return {}
    return {**cls.model_fields, **_get_computed(cls)}


def _restore_items(
    value: cabc.Mapping[t.Any, t.Any], dumped: t.Any, is_taken: IsTaken
) -> t.Any:
    if not _is_alike(value, dumped, dict):
        return dumped
    # The keys are texts by now, but still in order.
    return {
        key if is_taken(type(key)) else text: _restore(value[key], item, is_taken)
        for key, (text, item) in zip(value, dumped.items(), strict=True)
    }


def _is_alike(value: t.Sized, dumped: t.Any, cls: type[t.Any]) -> bool:
    """Whether each item was dumped, so that it is known which is which."""
    count: int = len(dumped) if isinstance(dumped, cls) else -1
    return count == len(value)


#: What is dumped as a list.
_ARRAYS = (list, tuple, set, frozenset, collections.deque)
