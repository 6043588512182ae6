"""What keeps msgspec from being given values as they are."""

from __future__ import annotations

import collections
import dataclasses
import enum
import gc
import json
import subprocess
import sys
import textwrap
import typing as t

import attrs
import msgspec
import pydantic
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from flask_responsekit import ResponseKit
from flask_responsekit.json.fields import has_fields
from flask_responsekit.json.fields import is_written_amiss

SECRET = "1902"
T = t.TypeVar("T")

if t.TYPE_CHECKING:
    from nowhere import Unknown


@attrs.define(slots=False)
class Open:
    """Is written by msgspec with all that it holds."""

    a: int = 1


class Undeclared:
    __slots__ = ("secret",)


@attrs.define
class OpenBySlots(Undeclared):
    a: int = 1


@attrs.define
class OpenByName(Undeclared):
    a: int = 1
    __slots__ = ("more",)


@attrs.define(slots=False)
class OpenSubclass(Open):
    pass


@attrs.frozen
class Private:
    _a: int = 1


def keep(value):
    """Let a value hold what is not declared."""
    object.__setattr__(value, "secret", SECRET)
    return value


@dataclasses.dataclass
class Text(str):
    secret: str = SECRET


class Colour(enum.Enum):
    RED = keep(Open())


@dataclasses.dataclass
class AnyField:
    a: t.Any


@dataclasses.dataclass
class ObjectField:
    a: object


@dataclasses.dataclass
class OpenField:
    a: Open


@dataclasses.dataclass
class ListField:
    a: list


@dataclasses.dataclass
class OpensField:
    a: list[Open]


@dataclasses.dataclass
class DeepField:
    a: dict[str, tuple[Open | None, ...]]


@dataclasses.dataclass
class GenericField(t.Generic[T]):
    a: T


@dataclasses.dataclass
class UnknownField:
    a: Unknown


@dataclasses.dataclass
class UnionField:
    a: int | Open


@dataclasses.dataclass
class OptionalField:
    a: t.Optional[ObjectField]  # noqa: UP045


@dataclasses.dataclass
class TextField:
    a: str


@dataclasses.dataclass
class EnumField:
    a: Colour


@dataclasses.dataclass
class IntField:
    a: int


@dataclasses.dataclass
class LiteralField:
    a: t.Literal["a", "b"]


class StructField(msgspec.Struct):
    a: Open


@dataclasses.dataclass
class Left:
    right: Right | None
    a: object = None


@dataclasses.dataclass
class Right:
    left: Left


@dataclasses.dataclass
class Node:
    next: Node | None
    a: int = 1


@dataclasses.dataclass
class Parent:
    a: int = 1


@dataclasses.dataclass
class OfParent:
    parent: Parent


OPEN = {"a": 1}
#: Each place, and what is plain of a value in it.
PLACES = {
    "top": (lambda value: value, lambda plain: plain),
    "list": (lambda value: [value], lambda plain: [plain]),
    "ten": (lambda value: [value] * 10, lambda plain: [plain] * 10),
    "dict": (lambda value: {"a": value}, lambda plain: {"a": plain}),
    "dicts": (lambda value: {"a": {"b": [value]}}, lambda plain: {"a": {"b": [plain]}}),
    "tuple": (lambda value: (1, value), lambda plain: [1, plain]),
    "list in list": (lambda value: [[value]] * 10, lambda plain: [[plain]] * 10),
}


@pytest.fixture
def make_app():
    def make():
        app = Flask(__name__)
        return app, ResponseKit(app, json="msgspec")

    yield make
    gc.collect()


def find_differences(app, kit, value, plain):
    found = {}
    with app.app_context():
        for place, (put, expect) in PLACES.items():
            written = json.loads(app.json.dumps(put(value)))
            if written != expect(plain):
                found[place] = written
            if kit.to_plain(put(value)) != expect(plain):
                found[f"{place}, plain"] = kit.to_plain(put(value))
    return found


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(keep(Open()), OPEN, id="open"),
        pytest.param(keep(OpenSubclass()), OPEN, id="open-subclass"),
        pytest.param(keep(OpenBySlots()), OPEN, id="slots-of-base"),
        pytest.param(keep(OpenByName()), OPEN, id="slot-by-name"),
        pytest.param(Private(), {"_a": 1}, id="private"),
        pytest.param(Text("a"), "a", id="text"),
        pytest.param(Colour.RED, OPEN, id="enum"),
        pytest.param(AnyField(keep(Open())), {"a": OPEN}, id="any"),
        pytest.param(ObjectField(keep(Open())), {"a": OPEN}, id="object"),
        pytest.param(OpenField(keep(Open())), {"a": OPEN}, id="field"),
        pytest.param(ListField([keep(Open())]), {"a": [OPEN]}, id="list"),
        pytest.param(OpensField([keep(Open())]), {"a": [OPEN]}, id="list-of"),
        pytest.param(
            DeepField({"b": (keep(Open()),)}), {"a": {"b": [OPEN]}}, id="deep"
        ),
        pytest.param(GenericField[Open](keep(Open())), {"a": OPEN}, id="generic"),
        pytest.param(UnknownField(keep(Open())), {"a": OPEN}, id="unknown"),
        pytest.param(UnionField(keep(Open())), {"a": OPEN}, id="union"),
        pytest.param(
            OptionalField(ObjectField(keep(Open()))), {"a": {"a": OPEN}}, id="optional"
        ),
        pytest.param(StructField(keep(Open())), {"a": OPEN}, id="struct"),
        pytest.param(TextField(Text("a")), {"a": "a"}, id="text-in-field"),
        pytest.param(EnumField(Colour.RED), {"a": OPEN}, id="enum-in-field"),
        pytest.param(IntField(keep(Open())), {"a": OPEN}, id="wrong-annotation"),
        pytest.param(LiteralField("a"), {"a": "a"}, id="literal"),
        pytest.param(
            Node(Node(None, 2)),
            {"next": {"next": None, "a": 2}, "a": 1},
            id="class-in-itself",
        ),
    ],
)
def test_only_what_is_declared_shows(value, plain, make_app):
    assert find_differences(*make_app(), value, plain) == {}


def test_classes_that_stand_in_each_other_are_looked_into(make_app):
    app, kit = make_app()
    with app.app_context():
        # The one that was asked for first is not yet known when the other one is.
        assert app.json.dumps([Left(None)]) == '[{"right":null,"a":null}]'
    value = Right(Left(None, keep(Open())))
    plain = {"left": {"right": None, "a": OPEN}}
    assert find_differences(app, kit, value, plain) == {}


def test_subclass_that_is_made_later_is_looked_into(make_app):
    app, kit = make_app()
    value = OfParent(Parent())
    assert find_differences(app, kit, value, {"parent": {"a": 1}}) == {}

    @dataclasses.dataclass
    class Child(Parent):
        more: object = None

    value = OfParent(Child(1, keep(Open())))
    plain = {"parent": {"a": 1, "more": OPEN}}
    assert find_differences(app, kit, value, plain) == {}


# In a process that begins without a class that msgspec writes amiss.

BEGINNING = """
    import importlib, json, pathlib, sys, types
    from flask import Flask
    from flask_responsekit import ResponseKit

    app = Flask("app")
    kit = ResponseKit(app, json="msgspec")
    views = [lambda: [1]]
    app.add_url_rule("/", "view", lambda: views[-1]())
    client = app.test_client()
    assert client.get("/").get_json() == [1]

    def show(value):
        views.append(lambda: [value, {"a": {"b": [value]}}])
        print(client.get("/").get_data(as_text=True), app.json.dumps({"a": value}))
"""
MODULE = """
import attrs

@attrs.define(slots=False)
class Late:
    a: int = 1

value = Late()
value.secret = "1902"
"""
ENDINGS = {
    "module": """
        import late
        show(late.value)
    """,
    "module in a view": """
        def view():
            import late
            return [late.value]
        views.append(view)
        print(client.get("/").get_data(as_text=True))
    """,
    "module in place of another": """
        import attrs
        import attr._make
        sys.modules["early"] = types.ModuleType("early")
        show(1)
        del sys.modules["early"]
        import late
        show(late.value)
    """,
    "module again": """
        pathlib.Path(sys.path[0], "again.py").write_text("")
        import again, attrs
        show(1)
        text = pathlib.Path(sys.path[0], "late.py").read_text()
        pathlib.Path(sys.path[0], "again.py").write_text(text)
        importlib.invalidate_caches()
        importlib.reload(again)
        show(again.value)
    """,
    "no module": """
        import attrs
        show(1)
        Late = attrs.make_class("Late", {"a": attrs.field(default=1)}, slots=False)
        value = Late()
        value.secret = "1902"
        show(value)
    """,
    "class without code of its own": """
        import attrs
        class Early:
            def __init__(self):
                self.a = 1
                self.secret = "1902"
        show(1)
        options = {"init": False, "repr": False, "eq": False, "slots": False}
        Late = attrs.define(Early, these={"a": attrs.field()}, **options)
        show(Late())
    """,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_class_that_comes_late_is_looked_at(ending, tmp_path):
    (tmp_path / "late.py").write_text(MODULE)
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(BEGINNING) + textwrap.dedent(ENDINGS[ending]))
    command = [sys.executable, "-B", "-W", "error", str(script)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout
    assert SECRET not in result.stdout


def test_class_whose_module_is_no_text_is_no_obstacle():
    odd = type("Odd", (dict,), {"__module__": property(lambda self: "odd")})
    assert not is_written_amiss(odd)
    odd.items = lambda self: []
    assert is_written_amiss(odd)


class Shortened(collections.OrderedDict):
    def items(self):
        return []


class Trimmed(MultiDict):
    """Says nothing itself of its items."""


@pytest.mark.parametrize(
    ("cls", "is_amiss"),
    [
        pytest.param(collections.OrderedDict, False, id="of-python"),
        pytest.param(MultiDict, False, id="of-a-package"),
        pytest.param(Trimmed, False, id="subclass-of-one-of-a-package"),
        pytest.param(Shortened, True, id="own"),
        pytest.param(type("Sub", (Shortened,), {}), True, id="subclass-of-own"),
        pytest.param(type("Plain", (dict,), {}), False, id="plain"),
    ],
)
def test_class_of_the_app_that_says_what_it_consists_of_is_written_amiss(cls, is_amiss):
    assert is_written_amiss(cls) is is_amiss


def make_computed():
    cls = dataclasses.make_dataclass("Computed", ["name"])
    cls.name = property(lambda self: "name", lambda self, name: None)
    return cls


class Slot:
    __slots__ = ("more",)


class OwnValue(enum.Enum):
    @property
    def value(self):
        return "own"


@pydantic.dataclasses.dataclass
class Excluding:
    a: int = 1
    secret: int = pydantic.Field(2, exclude=True)


@dataclasses.dataclass
class Later:
    a: int = dataclasses.field(init=False, default=1)


AMISS = [
    pytest.param(attrs.make_class("A", ["a"], slots=True), False, id="attrs"),
    pytest.param(attrs.make_class("A", ["a"]), True, id="open-attrs"),
    pytest.param(attrs.make_class("A", ["_a"], slots=True), True, id="private-attrs"),
    pytest.param(
        attrs.make_class("A", ["a"], bases=(Slot,), slots=True),
        True,
        id="attrs-beside-a-slot",
    ),
    pytest.param(type(attrs.validators.in_([1])), False, id="of-attrs-itself"),
    pytest.param(dataclasses.make_dataclass("D", ["a"]), False, id="dataclass"),
    pytest.param(
        dataclasses.make_dataclass("D", ["a"], slots=True),
        False,
        id="slotted-dataclass",
    ),
    pytest.param(make_computed(), True, id="computed-dataclass"),
    pytest.param(Later, True, id="default-that-the-class-holds"),
    pytest.param(
        dataclasses.make_dataclass("D", ["a"], bases=(str,)), True, id="text-dataclass"
    ),
    pytest.param(Excluding, True, id="excluding-dataclass"),
    pytest.param(enum.Enum("E", ["A"]), False, id="enum"),
    pytest.param(OwnValue("E", ["A"]), True, id="enum-with-own-value"),
    pytest.param(type("S", (msgspec.Struct,), {}), False, id="struct"),
    pytest.param(object, False, id="object"),
]


@pytest.mark.parametrize(("cls", "is_amiss"), AMISS)
def test_class_of_which_msgspec_shows_something_else_is_known(cls, is_amiss):
    assert is_written_amiss(cls) is is_amiss


@pytest.mark.parametrize(
    ("cls", "has"),
    [
        pytest.param(dataclasses.make_dataclass("D", []), True, id="dataclass"),
        pytest.param(attrs.make_class("A", []), True, id="attrs"),
        pytest.param(msgspec.Struct, True, id="struct"),
        pytest.param(type("Sub", (msgspec.Struct,), {}), True, id="subclass"),
        pytest.param(enum.Enum, False, id="enum"),
    ],
)
def test_class_with_fields_is_known(cls, has):
    assert has_fields(cls) is has
