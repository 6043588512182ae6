from __future__ import annotations

import abc
import concurrent.futures
import gc
import sys
import types
import typing as t
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit.chain import ConverterChain
from flask_responsekit.registry import ConverterRegistry


class Base:
    pass


class Left(Base):
    pass


class Right(Base):
    pass


class Both(Left, Right):
    pass


class Known(Base):
    """What a built-in converter takes."""


class Shape(abc.ABC):  # noqa: B024
    """Satisfied by some."""


class Figure(abc.ABC):  # noqa: B024
    """Satisfied by others."""


@t.runtime_checkable
class HasArea(t.Protocol):
    def area(self) -> int: ...


class Square(Left):
    def area(self):
        return 4


Shape.register(Right)
Shape.register(Square)
Figure.register(Base)

CLASSES = [Base, Left, Right, Both, Known, Square, Shape, Figure, int, bool, tuple]
KEYS = [*CLASSES, HasArea, object]
ABSTRACT = (Shape, Figure, HasArea)
EXACT = (int, bool, tuple)
LEVELS = 3


def built_in(value):
    """The only one."""


BUILT_IN = ConverterRegistry()
BUILT_IN.add(Known, built_in)

#: Which registry is told of which type, one after the other; the first is the
#: innermost.
steps = st.lists(st.tuples(st.integers(0, LEVELS - 1), st.sampled_from(KEYS)))


def make_registries():
    inner = [ConverterRegistry() for _ in range(LEVELS - 1)]
    return [*inner, ConverterRegistry(built_in=BUILT_IN)]


def make_converter(number):
    return lambda value: number


def find(chain, cls):
    registration = chain.lookup(cls)
    return registration and registration.converter


def find_by_model(said, cls):
    """Look a class up in a list of (level, key, converter), the plain way.

    :param said: in the order registered; the last of a level and key counts.
    """
    latest = {(level, key): (level, key, made) for level, key, made in said}
    order = {row[2]: number for number, row in enumerate(said)}
    rows = sorted(latest.values(), key=lambda row: (row[0], -order[row[2]]))
    if cls in EXACT:
        return next((made for _, key, made in rows if key is cls), None)
    for base in cls.__mro__[:-1]:
        for _, key, made in rows:
            if key is base:
                return made
    for _, key, made in rows:
        if key in ABSTRACT and issubclass(cls, key):
            return made
    if issubclass(cls, Known):
        return built_in
    return next((made for _, key, made in rows if key is object), None)


# Laws


@given(steps)
def test_chain_finds_what_the_model_finds(told):
    registries = make_registries()
    chain = ConverterChain(*registries)
    said = []
    for number, (level, key) in enumerate(told):
        converter = make_converter(number)
        said.append((level, key, converter))
        registries[level].add(key, converter, replace=True)
        # After each step: what was found before is forgotten where it has to be.
        for cls in CLASSES:
            assert find(chain, cls) is find_by_model(said, cls)


@given(steps)
def test_chain_of_chains_finds_what_one_chain_finds(told):
    inner, middle, outer = registries = make_registries()
    nested = ConverterChain(inner, ConverterChain(middle, outer))
    chain = ConverterChain(*registries)
    for number, (level, key) in enumerate(told):
        registries[level].add(key, make_converter(number), replace=True)
        for cls in CLASSES:
            assert nested.lookup(cls) is chain.lookup(cls)


@given(steps)
def test_chain_of_one_finds_what_its_registry_finds(told):
    registry = ConverterRegistry(built_in=BUILT_IN)
    chain = ConverterChain(registry)
    for number, (_, key) in enumerate(told):
        registry.add(key, make_converter(number), replace=True)
        assert all(chain.lookup(cls) is registry.lookup(cls) for cls in CLASSES)


@given(steps, st.sampled_from(KEYS))
def test_generation_grows_with_each_registration_and_only_then(told, key):
    registries = make_registries()
    chain = ConverterChain(*registries)
    for number, (level, told_key) in enumerate(told):
        before = chain.generation
        registries[level].add(told_key, make_converter(number), replace=True)
        after = chain.generation
        assert after > before
        chain.lookup(Both)
        assert chain.generation == after


@given(steps)
def test_chain_owns_what_its_registries_own(told):
    registries = make_registries()
    chain = ConverterChain(*registries)
    for number, (level, key) in enumerate(told):
        registries[level].add(key, make_converter(number), replace=True)
    for cls in CLASSES:
        found = chain.lookup(cls)
        assert found is None or chain.is_own(found) is (found.converter != built_in)
        assert (cls in chain) is any(cls in registry for registry in registries)


# Examples that the laws may miss


@pytest.fixture
def inner():
    return ConverterRegistry()


@pytest.fixture
def outer():
    return ConverterRegistry(built_in=BUILT_IN)


@pytest.fixture
def chain(inner, outer):
    return ConverterChain(inner, outer)


def test_nearer_base_of_outer_registry_wins_over_farther_base_of_inner(
    chain, inner, outer
):
    inner.add(Base, str)
    outer.add(Left, repr)
    assert find(chain, Both) is repr
    assert find(chain, Right) is str


def test_base_of_outer_registry_wins_over_abstract_class_of_inner(chain, inner, outer):
    inner.add(Shape, str)
    outer.add(Base, repr)
    assert find(chain, Square) is repr


def test_abstract_class_of_inner_registry_wins_over_later_one_of_outer(
    chain, inner, outer
):
    inner.add(Shape, str)
    outer.add(HasArea, repr)
    assert find(chain, Square) is str


def test_abstract_class_of_outer_registry_wins_over_the_method_of_the_class(
    chain, outer
):
    class Own:
        def __response__(self):
            return "own"

    assert find(chain, Own)(Own()) == "own"
    Shape.register(Own)
    outer.add(Shape, str)
    assert find(chain, Own) is str
    # The process is asked for classes with this method elsewhere.
    del Own
    gc.collect()


def test_built_in_converter_gives_way_to_any_registry(chain, inner):
    assert find(chain, Known) is built_in
    inner.add(Base, str)
    assert find(chain, Known) is str


def test_converter_for_object_comes_after_the_built_in_ones(chain, inner):
    inner.add(object, str)
    assert find(chain, Known) is built_in
    assert find(chain, Left) is str


def test_class_that_satisfies_an_abstract_class_later_is_taken(chain, inner):
    class Late(abc.ABC):  # noqa: B024
        pass

    inner.add(Late, str)
    assert find(chain, Left) is None
    Late.register(Left)
    assert find(chain, Left) is str


@pytest.mark.parametrize("level", [0, 1])
def test_lazy_name_is_found_once_its_module_is_loaded(monkeypatch, level):
    inner, outer = registries = [ConverterRegistry(), ConverterRegistry()]
    chain = ConverterChain(inner, outer)
    registries[level].add("lazy_chain.Base", str)
    registries[1 - level].add(Shape, repr)
    assert find(chain, Square) is repr
    assert "lazy_chain" not in sys.modules
    module = types.ModuleType("lazy_chain")
    module.Base = Base
    before = chain.generation
    monkeypatch.setitem(sys.modules, "lazy_chain", module)
    assert chain.generation > before
    assert find(chain, Square) is str


def test_lazy_name_of_inner_registry_wins_over_the_type_of_outer(
    chain, inner, outer, monkeypatch
):
    outer.add(Base, repr)
    inner.add("lazy_chain.Base", str)
    assert find(chain, Left) is repr
    module = types.ModuleType("lazy_chain")
    module.Base = Base
    monkeypatch.setitem(sys.modules, "lazy_chain", module)
    assert find(chain, Left) is str
    assert chain.is_own(chain.lookup(Left))


def test_chain_claims_what_its_registries_claim(chain, inner, outer):
    assert not chain.claims((Base,))
    outer.add(Both, str)
    assert find(chain, Both) is str
    assert chain.claims((Right,))
    assert not chain.claims((Square,))


def test_chain_is_a_container_of_all_types(chain, inner, outer):
    inner.add(Left, str)
    outer.add(Left, repr)
    outer.add("lazy_chain.Base", repr)
    assert set(chain) == {Left, "lazy_chain.Base", Known}
    assert len(chain) == 3
    assert repr(chain) == "<ConverterChain: 2 registered, 1 built in>"


def test_nothing_is_registered_with_a_chain(chain):
    with pytest.raises(AssertionError, match="can no longer be called"):
        chain.add(Base, str)
    assert find(chain, Base) is None


def test_registries_are_left_as_they_are(chain, inner, outer):
    inner.add(Left, str)
    outer.add(Right, repr)
    assert (find(chain, Left), find(chain, Right)) == (str, repr)
    assert (list(inner), list(outer)) == ([Left], [Right, Known])
    assert inner.lookup(Right) is None
    assert outer.lookup(Left) is None


def test_class_that_was_looked_up_is_not_kept_alive(chain, inner):
    inner.add(Base, str)

    class Local(Base):
        pass

    assert find(chain, Local) is str
    reference = weakref.ref(Local)
    del Local
    gc.collect()
    assert reference() is None


def test_threads_that_look_up_while_another_registers_see_it_in_the_end(inner, outer):
    chain = ConverterChain(inner, outer)
    classes = [type(f"Class{number}", (Base,), {}) for number in range(50)]
    outer.add(Base, repr)

    def look_up(_):
        return {find(chain, cls) for _ in range(20) for cls in classes}

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = pool.map(look_up, range(4))
        for cls in classes:
            inner.add(cls, str)
        assert set().union(*found) <= {repr, str}
    assert {find(chain, cls) for cls in classes} == {str}
