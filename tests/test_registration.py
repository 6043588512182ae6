from __future__ import annotations

import abc
import functools
import importlib.util
import sys
import types
import typing as t

import pytest

from flask_responsekit import ConverterRegistry
from flask_responsekit import ResponseKit
from flask_responsekit.converters import BUILT_IN


class User:
    class Key:
        pass


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Duck(t.Protocol):
    def quack(self): ...


@t.runtime_checkable
class Named(t.Protocol):
    name: str


class Typed(t.TypedDict):
    name: str


class Method:
    def plain(self, value):
        return value

    async def coroutine(self, value):
        return value


def first(value):
    return "first"


def second(value):
    return "second"


async def coroutine(value):
    return value


def load(monkeypatch, name, module=None, **names):
    """Make a module that is loaded, without importing anything."""
    module = types.ModuleType(name) if module is None else module
    monkeypatch.setitem(sys.modules, name, module)
    for key, value in names.items():
        setattr(module, key, value)
    return module


def taken_by(registry, cls):
    registration = registry.lookup(cls)
    return None if registration is None else registration.converter


def registry_of(*rows, built_in=None):
    registry = ConverterRegistry(built_in)
    for key, converter in rows:
        registry.add(key, converter)
    return registry


# How converters are registered


@pytest.mark.parametrize("key", [User, "fake.User"])
def test_decorator_and_call_register_the_same(key, monkeypatch):
    load(monkeypatch, "fake", User=User)
    called, decorated = ResponseKit(), ResponseKit()
    called.add_converter(key, first)
    assert decorated.converter(key)(first) is first
    for kit in (called, decorated):
        assert list(kit.converters.own) == [key]
        assert taken_by(kit.converters, User) is first


@pytest.mark.parametrize("converter", [first, str, Method().plain, User, len])
def test_whatever_can_be_called_is_a_converter(converter):
    assert taken_by(registry_of((User, converter)), User) == converter


def test_kits_share_nothing():
    kit, other = ResponseKit(), ResponseKit()
    kit.add_converter(User, first)
    assert User not in other.converters
    assert User not in BUILT_IN


@pytest.mark.parametrize("key", [User, Shape, "fake.User"])
def test_duplicate_is_refused_by_the_names_of_both_functions(key):
    kit = ResponseKit()
    kit.add_converter(key, first)
    with pytest.raises(ValueError, match=r"first.*second.*replace=True") as raised:
        kit.converter(key)(second)
    name = repr(key) if isinstance(key, str) else key.__qualname__
    assert name in str(raised.value)
    assert kit.converters.lookup(User) is None or key is User


def test_built_in_converter_gives_way_without_replace():
    kit = ResponseKit()
    kit.add_converter(dict, first)
    kit.add_converter("ipaddress.IPv4Address", first)
    assert taken_by(kit.converters, dict) is first


@pytest.mark.parametrize("key", [User, Shape, "fake.User", "fake.Shape"])
@pytest.mark.parametrize("resolved", [False, True])
def test_replaced_converter_is_gone(key, resolved, monkeypatch):
    load(monkeypatch, "fake", User=User, Shape=Shape)
    user = Shape.register(type("U", (User,), {}))
    kit = ResponseKit()
    kit.add_converter(key, first)
    if resolved:
        assert taken_by(kit.converters, user) is first
    kit.converter(key, replace=True)(second)
    assert len(kit.converters.own) == 1
    assert taken_by(kit.converters, user) is second
    kit.add_converter(key, len, replace=True)
    assert taken_by(kit.converters, user) is len


def test_replaced_abc_is_the_latest():
    other = abc.ABCMeta("Other", (), {})
    user = Shape.register(other.register(type("U", (), {})))
    registry = registry_of((Shape, first), (other, second))
    assert taken_by(registry, user) is second
    registry.add(Shape, len, replace=True)
    assert taken_by(registry, user) is len


def test_replace_with_nothing_to_replace_registers():
    registry = ConverterRegistry()
    registry.add(User, first, replace=True)
    assert taken_by(registry, User) is first


# What is refused


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (first, "first"),
        (User(), "User object"),
        (None, "None"),
        (42, "42"),
        ((User, Shape), "(<class"),
        (list[int], "list[int]"),
        (dict[str, User], "dict[str"),
        (User | None, "User | None"),
        (t.Optional[User], "User"),  # noqa: UP045
        (t.Union[User, Shape], "User"),  # noqa: UP007
        (t.Any, "Any"),
        (t.NewType("Id", int), "Id"),
        (t.TypeVar("Var"), "~Var"),
    ],
)
def test_key_that_is_no_type_is_named(key, named):
    for register in (ResponseKit().add_converter, ConverterRegistry().add):
        with pytest.raises(TypeError, match=r"is not a type.*\(type, conv") as raised:
            register(key, first)
        assert named in str(raised.value)


def test_decorator_without_a_type_is_refused():
    with pytest.raises(TypeError, match=r"first.*is not a type"):
        ResponseKit().converter(first)


@pytest.mark.parametrize("key", [Duck, Named, Typed])
def test_type_that_cannot_tell_its_subclasses_is_refused(key):
    with pytest.raises(TypeError, match=f"{key.__name__} cannot tell.*runtime_check"):
        ConverterRegistry().add(key, first)


@pytest.mark.parametrize("name", ["DataFrame", "", "a..b", ".a", "a.", "1a.b", "a b.c"])
def test_name_that_is_not_dotted_is_refused(name):
    with pytest.raises(ValueError, match=f"{name!r} is not the dotted public name"):
        ConverterRegistry().add(name, first)


@pytest.mark.parametrize("converter", [None, "fake.User", User(), {}])
def test_converter_that_cannot_be_called_is_refused(converter):
    with pytest.raises(TypeError, match=r"User.*cannot be called") as raised:
        ConverterRegistry().add(User, converter)
    assert repr(converter) in str(raised.value)


@pytest.mark.parametrize(
    "converter",
    [coroutine, Method().coroutine, functools.partial(coroutine)],
    ids=["function", "method", "partial"],
)
def test_coroutine_function_is_refused(converter):
    with pytest.raises(TypeError, match=r"coroutine.*User.*is a coroutine function"):
        ConverterRegistry().add(User, converter)


def test_refused_registration_leaves_nothing_behind():
    registry = registry_of((User, first))
    for key, converter in [(Duck, first), ("a", first), (Shape, None), (User, second)]:
        with pytest.raises((TypeError, ValueError)):
            registry.add(key, converter)
    assert list(registry) == [User]
    assert taken_by(registry, User) is first


# Public names


@pytest.mark.parametrize(
    ("name", "modules"),
    [
        ("fake.User", {"fake": {"User": User}}),
        ("fake.sub.User", {"fake": {}, "fake.sub": {"User": User}}),
        ("fake.space.User", {"fake": {"space": types.SimpleNamespace(User=User)}}),
        ("fake.Alias", {"fake": {"Alias": User}}),
    ],
)
def test_name_is_found_in_the_modules_that_are_loaded(name, modules, monkeypatch):
    for module, names in modules.items():
        load(monkeypatch, module, **names)
    registry = registry_of((name, first))
    assert taken_by(registry, User) is first
    assert taken_by(registry, type("Sub", (User,), {})) is first
    assert User in registry
    assert name in registry


@pytest.mark.parametrize("name", ["fake.User.Key", "fake.sub.User.Key"])
def test_nested_class_is_found(name, monkeypatch):
    load(monkeypatch, "fake", User=User)
    load(monkeypatch, "fake.sub", User=User)
    assert taken_by(registry_of((name, first)), User.Key) is first


@pytest.mark.parametrize(
    "name", ["fake.Usr", "fake.User.Kee", "fake.sub.User", "fake.none", "other.User"]
)
def test_name_that_means_nothing_stays_pending(name, monkeypatch):
    load(monkeypatch, "fake", User=User, none=None)
    monkeypatch.setitem(sys.modules, "fake.sub", None)
    registry = registry_of((name, first), ("fake.User", second))
    assert taken_by(registry, User.Key) is None
    assert taken_by(registry, User) is second
    assert name in registry


def refuse_to_import(name):
    raise AssertionError(f"{name} was imported")


def test_nothing_is_imported_for_a_name(monkeypatch):
    lazy = load(monkeypatch, "lazy", __getattr__=refuse_to_import)
    load(monkeypatch, "fake", sub=lazy, __getattr__=refuse_to_import)
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    for name in ["fake.User", "fake.User.Key", "fake.sub.User", "colorsys.User"]:
        assert taken_by(registry_of((name, first)), User) is None
    assert "colorsys" not in sys.modules


def test_module_that_loads_itself_on_access_is_not_loaded(monkeypatch, tmp_path):
    tmp_path.joinpath("fake.py").write_text("raise AssertionError('imported')\n")
    spec = importlib.util.spec_from_file_location("fake", tmp_path / "fake.py")
    loader = importlib.util.LazyLoader(spec.loader)
    spec.loader = loader
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "fake", module)
    assert taken_by(registry_of(("fake.User", first)), User) is None


@pytest.mark.parametrize("module", [None, object(), types.SimpleNamespace()])
def test_what_stands_for_a_module_may_be_anything(module, monkeypatch):
    monkeypatch.setitem(sys.modules, "fake", module)
    assert taken_by(registry_of(("fake.User", first)), User) is None


@pytest.mark.parametrize("value", [first, 42, list[int], Duck])
def test_name_of_what_is_no_type_is_an_error(value, monkeypatch):
    load(monkeypatch, "fake", thing=value)
    registry = registry_of(("fake.thing", first), (User, second))
    for _ in range(2):
        with pytest.raises(TypeError, match=r"What 'fake.thing' names, .*(is|cannot)"):
            registry.lookup(Shape)


LATE = {
    "unknown": type("Late", (), {}),
    "base": type("Late", (User,), {}),
    "built in": type("Late", (dict,), {}),
    "html": type("Late", (), {"__html__": str}),
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_module_loaded_after_a_look_up_is_seen(late, monkeypatch):
    registry = registry_of(("fake.Late", second), (User, first), built_in=BUILT_IN)
    assert taken_by(registry, late) is not second
    load(monkeypatch, "fake", Late=late)
    assert taken_by(registry, late) is second


def test_module_is_asked_again_until_it_is_loaded_in_full(monkeypatch):
    registry = registry_of(("fake.User", first), ("fake.sub.User", second))
    module = load(monkeypatch, "fake")
    assert taken_by(registry, User) is None
    module.User = User
    assert taken_by(registry, User) is first
    late = load(monkeypatch, "fake.sub")
    assert taken_by(registry, Shape) is None
    late.User = Shape
    assert taken_by(registry, Shape) is second


@pytest.mark.parametrize("name_first", [False, True])
def test_type_wins_over_its_name_in_either_order(name_first, monkeypatch):
    load(monkeypatch, "fake", User=User)
    rows = [(User, first), ("fake.User", second)]
    registry = registry_of(*(reversed(rows) if name_first else rows))
    assert taken_by(registry, User) is first
    registry.add("fake.User", len, replace=True)
    assert taken_by(registry, User) is first


def test_type_wins_over_its_name_that_was_resolved_before(monkeypatch):
    load(monkeypatch, "fake", Shape=Shape)
    registry = registry_of(("fake.Shape", second))
    square = type("Square", (Shape,), {})
    assert taken_by(registry, square) is second
    registry.add(Shape, first)
    assert taken_by(registry, square) is first


def test_order_of_two_names_of_a_type_is_without_effect(monkeypatch):
    load(monkeypatch, "fake", User=User)
    load(monkeypatch, "fake_core", User=User)
    outcomes = []
    rows = [("fake.User", first), ("fake_core.User", second)]
    for order in (rows, rows[::-1]):
        try:
            outcomes.append(taken_by(registry_of(*order), User))
        except ValueError as error:
            assert "first" in str(error) and "second" in str(error)
            outcomes.append(ValueError)
    assert outcomes[0] is outcomes[1]


@pytest.mark.parametrize("early", ["fake.Shape", "fake_other.Shape"])
def test_abc_that_was_registered_last_wins_though_a_name_is_resolved_later(
    early, monkeypatch
):
    other = abc.ABCMeta("Other", (), {})
    user = Shape.register(other.register(type("U", (), {})))
    registry = registry_of((early, first), (other, second))
    load(monkeypatch, early.partition(".")[0], Shape=Shape)
    assert taken_by(registry, user) is second
