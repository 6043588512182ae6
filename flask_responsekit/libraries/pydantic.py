"""Models of pydantic as what they say of themselves in JSON."""

from __future__ import annotations

import collections
import collections.abc as cabc
import dataclasses
import functools
import importlib
import inspect
import typing as t
import uuid
import weakref

#: Whether a converter takes values of a class.
IsTaken: t.TypeAlias = cabc.Callable[[type], bool]

#: What has the same JSON in pydantic and in msgspec.
_SCALARS: t.Final = frozenset(
    {"bool", "date", "datetime", "float", "int", "none", "str", "uuid"}
)
#: What is written as what it holds, by where its schema says that.
_HOLDERS: t.Final[dict[str, tuple[str, ...]]] = {
    "default": ("schema",),
    "dict": ("keys_schema", "values_schema"),
    "function-after": ("schema",),
    "function-before": ("schema",),
    "function-wrap": ("schema",),
    "list": ("items_schema",),
    "nullable": ("schema",),
}
#: What may be said of a model and its configuration that makes no other JSON.
_MODEL_KEYS: t.Final = frozenset(
    {
        *("type", "cls", "config", "custom_init", "metadata", "post_init", "ref"),
        *("root_model", "schema", "generic_origin", "revalidate_instances", "strict"),
    }
)
_FIELD_KEYS: t.Final = frozenset(
    {"type", "frozen", "metadata", "schema", "validation_alias"}
)
_FIELDS_KEYS: t.Final = frozenset({"type", "computed_fields", "fields", "model_name"})
_CONFIG_KEYS: t.Final = frozenset({"title", "strict", "from_attributes", "frozen"})


def dump(model: t.Any) -> t.Any:
    """Make plain data of a model, as ``model_dump(mode="json")`` does. What pydantic
    does not know stays as it is.
    """
    try:
        return model.model_dump(mode="json")
    except ValueError as error:
        if "unknown type" not in str(error) or _has_own_dump(type(model)):
            raise
    return _dump_around(model)


def _dump_around(model: t.Any) -> t.Any:
    """Dump a model with a mark in the place of each value that pydantic does not know,
    and put the values there.
    """
    mark, unknown = str(uuid.uuid4()), dict[str, object]()

    def replace(value: object) -> str:
        place = f"{mark} {len(unknown)}"
        unknown[place] = value
        return place

    if "fallback" in inspect.signature(model.model_dump).parameters:
        return _put_back(model.model_dump(mode="json", fallback=replace), unknown)
    # Old releases have it, and have aliases as the default, one layer below.
    serializer = model.__pydantic_serializer__
    data = serializer.to_python(model, mode="json", by_alias=False, fallback=replace)
    return _put_back(data, unknown)


def _put_back(data: t.Any, unknown: dict[str, object]) -> t.Any:
    if isinstance(data, dict):
        return {key: _put_back(item, unknown) for key, item in data.items()}
    if isinstance(data, list):
        return [_put_back(item, unknown) for item in data]
    return unknown.get(data, data) if isinstance(data, str) else data


def write_json(model: t.Any) -> bytes | None:
    """Write the JSON of a model, as pydantic does; ``None`` if that may be something
    else than its plain data.
    """
    if _has_own_dump(type(model)):
        return None
    return _check(_get_writer(type(model))(model))


def write_many(cls: t.Any, is_fluid: bool, models: list[t.Any]) -> t.Any:
    """Make of models of one class what msgspec writes most quickly: what they hold,
    where that is all that pydantic would write, or their JSON; ``None`` if that may be
    something else than their plain data.

    :param is_fluid: the JSON that pydantic writes may not be what is wanted of what
        stands in a model, or of the order of its keys.
    """
    names = _get_names(cls)
    if names is not None:
        held = [*map(vars, models)]
        # A model also holds what a cached property has given.
        if {*map(tuple, held)} == {names}:
            return held
    if is_fluid or _has_own_dump(cls):
        return None
    each = map(_get_writer(cls), models)
    written = _check(b"[" + b",".join(each) + b"]")
    return None if written is None else importlib.import_module("msgspec").Raw(written)


def _get_writer(cls: t.Any) -> cabc.Callable[[t.Any], bytes]:
    return functools.partial(cls.__pydantic_serializer__.to_json, **_get_options())


@functools.cache
def _get_options() -> dict[str, bool]:
    """What makes ``to_json`` write the names that ``model_dump`` gives."""
    config: t.Any = importlib.import_module("pydantic").ConfigDict
    # Before pydantic 2.11, aliases are its default.
    return {} if "serialize_by_alias" in config.__annotations__ else {"by_alias": False}


def _check(written: bytes) -> bytes | None:
    # A model may be configured to write numbers as they are that JSON does not have.
    return None if b"NaN" in written or b"Infinity" in written else written


def _has_own_dump(cls: t.Any) -> bool:
    base: t.Any = importlib.import_module("pydantic").BaseModel
    return cls.model_dump is not base.model_dump


#: The names of the fields of models, or None, by class.
_names: weakref.WeakKeyDictionary[type, tuple[str, ...] | None]
_names = weakref.WeakKeyDictionary()


def _get_names(cls: t.Any) -> tuple[str, ...] | None:
    """The names of the fields of models, if these are written under their names, and as
    msgspec would write them; else ``None``.
    """
    if cls not in _names:
        _names[cls] = None if _has_own_dump(cls) else _read_names(cls)
    return _names[cls]


def _read_names(cls: t.Any) -> tuple[str, ...] | None:
    # It says all that pydantic goes by. What is not known here is left to pydantic.
    schema = cls.__pydantic_core_schema__
    fields = schema["schema"] if schema["type"] == "model" else {}
    names = tuple(fields.get("fields", ()))
    is_simple = (
        fields.get("type") == "model-fields"
        and {*schema} <= _MODEL_KEYS
        and {*schema["config"]} <= _CONFIG_KEYS
        and {*fields} <= _FIELDS_KEYS
        and not fields.get("computed_fields")
        and all(map(_is_simple_field, fields["fields"].values()))
        and names == tuple(cls.model_fields)
    )
    return names if is_simple else None


def _is_simple_field(field: dict[str, t.Any]) -> bool:
    is_known = field["type"] == "model-field" and {*field} <= _FIELD_KEYS
    return is_known and _is_simple(field["schema"])


def _is_simple(schema: dict[str, t.Any]) -> bool:
    kind = schema["type"]
    if "serialization" in schema:
        return False
    if kind in _SCALARS:
        return True
    return kind in _HOLDERS and all(
        key in schema and _is_simple(schema[key]) for key in _HOLDERS[kind]
    )


def get_parts(model: t.Any) -> dict[str, t.Any]:
    """The values that may be dumped of a model as they are, by name: not those that a
    serializer of the model's own takes, which has the last word.
    """
    cls = type(model)
    decorators = cls.__pydantic_decorators__
    if decorators.model_serializers or _has_own_dump(cls):
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
