"""One line of a registry: what it holds, and what may stand in it."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import inspect
import itertools
import sys
import typing as t

if t.TYPE_CHECKING:
    from .typing import Converter


class Attributes(t.NamedTuple):
    """The attributes that values are taken by."""

    names: tuple[str, ...]
    #: Makes a dict of each of many values, to be read only.
    get_each: cabc.Callable[[cabc.Sequence[t.Any]], list[dict[str, t.Any]]]


class Parts(t.NamedTuple):
    """How a value is taken apart whose converter would write all that stands in it."""

    #: What stands in it, by name.
    get: cabc.Callable[[t.Any], dict[str, t.Any]]
    #: Makes what the converter makes, but leaves values of some classes as they are.
    convert_except: cabc.Callable[[t.Any, cabc.Callable[[type], bool]], object]


#: What else the values of a type can be sent as: the media type, and a converter that
#: makes it, or a renderer that writes it; ``None`` for the built-in renderer.
Representation: t.TypeAlias = "tuple[str, t.Any]"


# What is generated for a dataclass takes long at import: no more than what is used.
@dataclasses.dataclass(eq=False, repr=False)
class Registration:
    """One line of a registry."""

    #: The type, or its public name.
    key: type | str
    #: What makes something simpler of a value.
    converter: Converter
    #: The converter gives plain data, so that a view's value is rendered as data,
    #: by the app's JSON provider, which is asked before the converter.
    plain: bool = False
    #: The media type of what the converter gives, if that is known beforehand.
    mimetype: str | None = None
    #: The attributes of which the converter makes a dict, if it does.
    attributes: Attributes | None = None
    #: How to look for what a converter of the user's takes, if not in what the
    #: converter gives.
    parts: Parts | None = None
    #: Writes the JSON of a value, more quickly than an encoder would.
    write_json: cabc.Callable[[t.Any], bytes | None] | None = None
    #: Makes of many values of one type what msgspec writes more quickly; is told
    #: whether there are converters of the user's.
    write_many: cabc.Callable[[type, bool, list[t.Any]], object | None] | None = None
    #: What else values can be sent as, asked once for a type.
    list_representations: cabc.Callable[[], cabc.Iterable[Representation]] | None = None
    #: Grows from one registration to the next.
    number: int = dataclasses.field(default_factory=itertools.count().__next__)


def _call_response_method(value: t.Any) -> object:
    return value.__response__()


#: What an object that converts itself is registered as.
RESPONSE_METHOD = Registration("__response__", _call_response_method)


def name_of(thing: object) -> str:
    """Name a type, a public name or a function in a message."""
    if isinstance(thing, str) or t.get_origin(thing) is not None:
        return repr(thing)
    module = getattr(thing, "__module__", None)
    name = getattr(thing, "__qualname__", None)
    if name is None:
        return repr(thing)
    return str(name) if module in (None, "builtins") else f"{module}.{name}"


def refuse_setup(method: str, thing: object) -> t.NoReturn:
    """Refuse to be set up after the first request, as Flask does.

    :raises AssertionError: always.
    """
    raise AssertionError(
        f"The setup method {method!r} can no longer be called on the application. It"
        " has already handled its first request, any changes will not be applied"
        " consistently.\nMake sure all imports, decorators, functions, etc. needed to"
        " set up the application are done before running it. (It was called with"
        f" {name_of(thing)}.)"
    )


def check_key(key: object) -> None:
    """Refuse what is neither a type nor a dotted name."""
    if isinstance(key, str):
        parts = key.split(".")
        if len(parts) < 2 or not all(part.isidentifier() for part in parts):
            raise ValueError(
                f"{key!r} is not the dotted public name of a type. Give one such as"
                " 'pandas.DataFrame', or the type itself."
            )
    else:
        check_type(key, None)


def check_type(cls: object, name: str | None) -> None:
    """Refuse what no value can be an instance of.

    :param name: the public name that means it, if there is one.
    """
    called = name_of(cls) if name is None else f"What {name!r} names, {name_of(cls)},"
    if not isinstance(cls, type) or t.get_origin(cls) is not None or cls is t.Any:
        raise TypeError(
            f"{called} is not a type. A converter is registered for a class or its"
            " dotted name, in the order (type, converter)."
        )
    try:
        issubclass(object, cls)
    except TypeError as error:
        raise TypeError(
            f"{called} cannot tell which types satisfy it ({error}). Register a"
            " class, an ABC, or a @runtime_checkable protocol that has only methods."
        ) from None


def check_converter(key: type | str, converter: object) -> None:
    """Refuse what cannot be called with a value."""
    if not callable(converter):
        raise TypeError(
            f"The converter for {name_of(key)} is {converter!r}, which cannot be"
            " called. Give a function that takes the value and returns a Response or"
            " something simpler."
        )
    if inspect.iscoroutinefunction(converter):
        raise TypeError(
            f"The converter {name_of(converter)} for {name_of(key)} is a coroutine"
            " function, and converters are called without await. Give a plain function;"
            " await what it needs in the view."
        )


def find_public_name(name: str) -> t.Any:
    """What a dotted name means in the modules that are loaded; ``None`` if nothing."""
    module_name, _, rest = name.rpartition(".")
    while module_name and module_name not in sys.modules:
        module_name, _, last = module_name.rpartition(".")
        rest = f"{last}.{rest}"
    found: t.Any = sys.modules.get(module_name)
    for part in rest.split("."):
        try:
            # Not getattr: a module may import on access.
            found = object.__getattribute__(found, "__dict__").get(part)
        except AttributeError:
            return None
    return found
