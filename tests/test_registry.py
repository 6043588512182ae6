from __future__ import annotations

import abc
import collections.abc as cabc
import dataclasses
import decimal
import enum
import gc
import http
import sys
import threading
import types
import typing as t
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from flask_responsekit.converters import BUILT_IN
from flask_responsekit.registry import ConverterRegistry


class Point(t.NamedTuple):
    x: int


@t.runtime_checkable
class Closable(t.Protocol):
    def close(self): ...


class Color(enum.Enum):
    RED = 1


class Near:
    pass


class A:
    pass


class SubA(A):
    pass


class B:
    pass


@pytest.fixture(autouse=True, scope="module")
def classes_are_freed():
    """What is made of values depends on the classes that exist."""
    yield
    gc.collect()


def key_of(registry, cls):
    registration = registry.lookup(cls)
    return None if registration is None else registration.key


def load(monkeypatch, name, **names):
    module = types.ModuleType(name)
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, name, module)


def registry_of(*keys, built_in=None):
    registry = ConverterRegistry(built_in)
    for key in keys:
        registry.add(key, lambda value: "taken")
    return registry


# The order of the look-up

RUNGS = ["exact", "near", "far", "last ABC", "first ABC", "response", "built in", "any"]


@pytest.mark.parametrize("rung", range(len(RUNGS)), ids=RUNGS)
def test_first_answer_wins(rung):
    present = RUNGS[rung:]
    far = type("far", (dict,) if "built in" in present else (), {})
    near = type("near", (far,), {})
    exact = type("exact", (near,), {})
    last, first = (abc.ABCMeta(name, (), {}) for name in ("last", "first"))
    last.register(exact)
    first.register(exact)
    if "response" in present:
        exact.__response__ = lambda self: "own"
    keys = {"any": object, "first ABC": first, "last ABC": last, "far": far}
    keys |= {"near": near, "exact": exact}
    own = [key for name, key in keys.items() if name in present]
    registry = registry_of(*own, built_in=BUILT_IN)
    expected = keys | {"response": "__response__", "built in": dict}
    assert key_of(registry, exact) == expected[present[0]]


@pytest.mark.parametrize(
    ("key", "cls"),
    [
        (cabc.Hashable, Color),
        (cabc.Hashable, decimal.Decimal),
        (cabc.Hashable, type("Html", (), {"__html__": str})),
        (cabc.Hashable, dataclasses.make_dataclass("Data", [], frozen=True)),
        (cabc.Iterable, type("Dict", (dict,), {})),
        (cabc.Sized, types.MappingProxyType),
        (enum.Enum, Color),
        (dict, dict),
        (int, type("Int", (int,), {})),
    ],
)
def test_own_converter_wins_over_every_built_in_one(key, cls):
    assert BUILT_IN.lookup(cls) is not None
    registry = registry_of(key, built_in=BUILT_IN)
    assert registry.lookup(cls).converter(cls) == "taken"


@pytest.mark.parametrize("cls", [Color, decimal.Decimal, types.MappingProxyType])
def test_built_in_converter_wins_over_one_for_object(cls):
    assert key_of(registry_of(object, built_in=BUILT_IN), cls) is not object


EXACT = [type(None), bool, int, float, str, bytes, bytearray, list, dict, tuple]


@pytest.mark.parametrize("cls", EXACT)
@pytest.mark.parametrize(
    "key", [object, int, cabc.Iterable, cabc.Hashable, cabc.Sized, cabc.Sequence]
)
def test_plain_type_is_taken_only_by_converter_for_it(key, cls):
    assert key_of(registry_of(key), cls) is (cls if cls is key else None)
    assert key_of(registry_of(*{key, cls}), cls) is cls


@pytest.mark.parametrize(
    ("key", "cls"),
    [(int, http.HTTPStatus), (tuple, Point), (str, Markup), (cabc.Iterable, Point)],
)
def test_subclass_of_plain_type_is_taken_as_any_other(key, cls):
    assert key_of(registry_of(key), cls) is key


@pytest.mark.parametrize(
    "cls",
    [Point, Markup, type("Bytes", (bytes,), {}), type(iter("")), type(print), type],
)
def test_object_leaves_what_flask_knows(cls):
    assert key_of(registry_of(object), cls) is None
    assert key_of(registry_of(object, cls), cls) is cls


def test_protocol_takes_what_has_its_methods():
    registry = registry_of(Closable)
    assert key_of(registry, type("File", (), {"close": None})) is None
    assert key_of(registry, type("File", (), {"close": print})) is Closable


def test_response_must_be_a_method():
    assert key_of(registry_of(), type("R", (), {"__response__": "text"})) is None


def test_bare_object_is_taken_by_converter_for_object():
    assert key_of(registry_of(object), object) is object
    assert key_of(registry_of(Closable), object) is None


# The laws of the look-up


@st.composite
def class_trees(draw, *, abstract):
    """Classes of random bases and structures, and random keys among them."""
    classes = [dict]
    for number in range(draw(st.integers(1, 7))):
        bases = draw(st.lists(st.sampled_from(classes), unique=True, max_size=3))
        metaclass = abc.ABCMeta if abstract and draw(st.booleans()) else type
        marks = draw(st.sets(st.sampled_from(["__response__", "__html__"])))
        namespace = {mark: lambda self: "" for mark in marks}
        try:
            cls = metaclass(f"C{number}", tuple(bases), namespace)
        except TypeError:  # These bases have no common order.
            cls = metaclass(f"C{number}", (), namespace)
        if not draw(st.integers(0, 3)):
            cls = dataclasses.dataclass(cls)
        for known in classes:
            is_abstract = isinstance(known, abc.ABCMeta)
            if is_abstract and not issubclass(known, cls) and draw(st.booleans()):
                known.register(cls)
        classes.append(cls)
    keys = draw(st.lists(st.sampled_from([object, *classes[1:]]), unique=True))
    return classes[1:], keys


def slow_lookup(cls, keys):
    bases = cls.__mro__[:-1]
    abstract = [key for key in keys if isinstance(key, abc.ABCMeta)]
    answers = [base for base in bases if base in keys]
    answers += [key for key in reversed(abstract) if issubclass(cls, key)]
    names = {name for base in bases for name in vars(base)}
    answers += ["__response__"] * ("__response__" in names)
    answers += [dict] * issubclass(cls, dict)
    answers += ["dataclass"] * ("__dataclass_fields__" in names)
    answers += ["__html__"] * ("__html__" in names)
    answers += [object] * (object in keys)
    return answers[0] if answers else None


@given(class_trees(abstract=True))
def test_lookup_follows_the_rules_after_each_registration(tree):
    classes, keys = tree
    registry = ConverterRegistry(BUILT_IN)
    for count in range(len(keys) + 1):
        for cls in classes:
            assert key_of(registry, cls) == slow_lookup(cls, keys[:count])
        for key in keys[count : count + 1]:
            registry.add(key, print)


@given(class_trees(abstract=False), st.randoms())
def test_order_of_registration_is_without_effect_on_concrete_classes(tree, random):
    classes, keys = tree
    one = registry_of(*keys, built_in=BUILT_IN)
    random.shuffle(keys)
    other = registry_of(*keys, built_in=BUILT_IN)
    for cls in classes:
        assert key_of(one, cls) == key_of(other, cls)


@given(class_trees(abstract=True), st.data())
def test_public_name_is_as_good_as_the_type(tree, data):
    classes, keys = tree
    by_name = data.draw(st.sets(st.sampled_from(classes)))
    names = {key: f"fake.{key.__name__}" if key in by_name else key for key in keys}
    registry = registry_of(*names.values())
    with pytest.MonkeyPatch.context() as patch:
        load(patch, "fake", **{cls.__name__: cls for cls in classes})
        found = [key_of(registry, cls) for cls in classes]
    expected = [key_of(registry_of(*keys), cls) for cls in classes]
    assert found == [names.get(key, key) for key in expected]


# The cache


def test_registration_after_a_look_up_is_seen():
    registry = registry_of()
    assert registry.lookup(Near) is None
    registry.add(object, print)
    assert key_of(registry, Near) is object
    registry.add(Near, print)
    assert key_of(registry, Near) is Near


def test_class_registered_with_an_abc_after_a_look_up_is_seen():
    abstract = abc.ABCMeta("Abstract", (), {})
    late = type("Late", (), {})
    registry = registry_of(abstract)
    assert key_of(registry, late) is None
    abstract.register(late)
    assert key_of(registry, late) is abstract


def test_warm_look_up_asks_nothing_whatever_is_registered():
    asked = []

    def structure(cls):
        asked.append(cls)

    @classmethod
    def hook(cls, subclass):
        asked.append(subclass)
        return False

    abstract = abc.ABCMeta("Asking", (), {"__subclasshook__": hook})
    registry = ConverterRegistry(structures=[structure])
    registry.add(abstract, print)
    for _ in range(5000):
        registry.add(type("Other", (), {}), print)
    for cls in (Near, *list(registry)[-1:]):
        registry.lookup(cls)
        asked.clear()
        assert registry.lookup(cls) is registry.lookup(cls)
        assert not asked


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: type("Sub", (A,), {}), id="base"),
        pytest.param(lambda: type("Sub", (), {"close": print}), id="protocol"),
        pytest.param(lambda: dataclasses.make_dataclass("D", ["x"]), id="dataclass"),
        pytest.param(lambda: type("H", (), {"__html__": str}), id="html"),
        pytest.param(lambda: type("R", (), {"__response__": str}), id="response"),
        pytest.param(lambda: enum.Enum("E", "x"), id="built in"),
        pytest.param(lambda: type("Unknown", (), {}), id="miss"),
    ],
)
def test_cache_keeps_no_class_alive(make):
    registry = registry_of(A, Closable, built_in=BUILT_IN)
    cls = make()
    registry.lookup(cls)
    registry.claims((Near,))
    reference = weakref.ref(cls)
    del cls
    gc.collect()
    assert reference() is None


@pytest.fixture
def many_switches():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_eight_threads_look_up_while_modules_are_loaded(monkeypatch, many_switches):
    registry = registry_of(A, *(type("T", (), {}) for _ in range(3000)))
    late = {f"fake_{number}": type("Late", (A,), {}) for number in range(300)}
    for name in late:
        registry.add(f"{name}.Late", print)
        load(monkeypatch, name)
    start, loaded = threading.Barrier(8), threading.Event()
    wrong = []

    def look_up():
        for name, cls in list(late.items()) * 3:
            key = key_of(registry, type("New", (cls,), {}))
            if key not in (A, f"{name}.Late"):
                wrong.append(key)

    def claim():
        while not loaded.is_set():
            registry.claims((Near,))

    def finish_modules():
        for name, cls in late.items():
            sys.modules[name].Late = cls
            key_of(registry, type("New", (), {}))

    def run(job):
        start.wait()
        try:
            job()
        except Exception as error:
            wrong.append(error)
        finally:
            loaded.set()

    jobs = [finish_modules, claim, claim, claim, *[look_up] * 4]
    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    for name, cls in late.items():
        assert key_of(registry, type("New", (cls,), {})) == f"{name}.Late"


# Frozen, container


def test_frozen_registry_refuses_registrations_as_flask_does():
    registry = registry_of()
    registry.freeze()
    with pytest.raises(AssertionError, match="can no longer be called") as raised:
        registry.add(A, key_of)
    assert "key_of" in str(raised.value)
    assert A not in registry


def test_freezing_is_seen_once():
    registry = registry_of(A)
    before = registry.generation
    registry.freeze()
    after = registry.generation
    registry.freeze()
    assert before < after == registry.generation


def test_registry_is_a_container_of_types_and_names():
    registry = registry_of(A, "fake_module.Thing")
    assert A in registry
    assert "fake_module.Thing" in registry
    assert B not in registry
    assert list(registry) == list(registry.own) == [A, "fake_module.Thing"]
    assert len(registry) == 2
    assert repr(registry) == "<ConverterRegistry: 2 registered, 0 built in>"
    assert registry_of()


def test_built_in_types_are_contained_once():
    registry = registry_of(A, decimal.Decimal, built_in=BUILT_IN)
    assert set in registry
    assert set not in registry.own
    assert len(registry) == len(list(registry)) == len(set(registry))
    assert len(registry) == len(BUILT_IN) + 1
    assert repr(registry).endswith(f": 2 registered, {len(BUILT_IN)} built in>")


# What may be taken


CLAIMS = {
    "nothing": (lambda native: None, False),
    "another class": (lambda native: A, False),
    "name of another": (lambda native: "fake.A", False),
    "name of nothing": (lambda native: "fake.B", False),
    "class itself": (lambda native: native, True),
    "its subclass": (lambda native: type("Sub", (native,), {}), True),
    "its name": (lambda native: "fake.Native", True),
    "protocol": (lambda native: Closable, True),
}


@pytest.mark.parametrize(("make", "claimed"), CLAIMS.values(), ids=CLAIMS)
def test_registry_knows_what_it_may_take(make, claimed, monkeypatch):
    native = type("Native", (), {})
    load(monkeypatch, "fake", Native=native, A=A)
    key = make(native)
    registry = registry_of(*([] if key is None else [key]), built_in=BUILT_IN)
    assert registry.generation > -1
    assert registry.claims((native,)) is claimed


def test_ordinary_class_claims_what_its_subclasses_are():
    near, native, other = (type(name, (), {}) for name in ("near", "native", "other"))
    odd = type("odd", (type("between", (near,), {}), native), {})
    registry = registry_of(near)
    assert key_of(registry, odd) is near
    assert registry.claims((native,))
    assert not registry.claims((other,))


@pytest.mark.parametrize("is_mixed_in", [False, True])
def test_class_that_converts_itself_is_claimed(is_mixed_in):
    native = type("native", (), {})
    assert not registry_of().claims((native,))
    own = {"__response__": lambda self: "own"}
    bases = (type("mixin", (), own), native) if is_mixed_in else (native,)
    odd = type("odd", bases, {} if is_mixed_in else own)
    assert key_of(registry_of(), odd) == "__response__"
    assert registry_of().claims((native,))


@pytest.mark.parametrize("converts_itself", [False, True])
def test_class_is_claimed_by_what_it_looks_like(converts_itself):
    own = {"__response__": lambda self: "own"} if converts_itself else {}
    near = type("near", (), {"looks": "odd", **own})

    def fits(cls):
        return vars(cls).get("looks") == "odd"

    registry = registry_of() if converts_itself else registry_of(near)
    assert not registry.claims((A,))
    assert registry.claims((A,), fits)
    assert not registry.claims((A,), lambda cls: vars(cls).get("looks") == "even")


def test_class_without_a_hash_is_no_obstacle():
    metaclass = type("Meta", (type,), {"__eq__": object.__eq__, "__hash__": None})
    odd = metaclass("Odd", (Near,), {})
    try:
        outcome = registry_of(Near).claims((A,))
    except TypeError as error:
        outcome = str(error)
    # It must not outlive the test when that fails.
    del odd
    gc.collect()
    assert outcome is False


def test_generation_grows_with_every_change(monkeypatch):
    registry = registry_of()
    seen = [registry.generation]
    registry.add("fake_module.Thing", print)
    seen.append(registry.generation)
    assert registry.generation == seen[-1]
    load(monkeypatch, "fake_module", Thing=A)
    seen.append(registry.generation)
    assert seen == sorted(set(seen))
    assert key_of(registry, A) == "fake_module.Thing"
