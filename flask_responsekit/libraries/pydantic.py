"""Models of pydantic as what they say of themselves in JSON."""

from __future__ import annotations

import collections.abc as cabc
import functools
import importlib
import inspect
import typing as t
import uuid
import weakref

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
        if "unknown type" not in str(error) or has_own_dump(type(model)):
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
    if has_own_dump(type(model)):
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
    if is_fluid or has_own_dump(cls):
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


def has_own_dump(cls: t.Any) -> bool:
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
        _names[cls] = None if has_own_dump(cls) else _read_names(cls)
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
