from __future__ import annotations

import sys

import msgspec
import pytest

from flask_responsekit.renderers.msgpack import MessagePackRenderer


@pytest.mark.parametrize(
    "value",
    [{"a": [1, -1.5, None, True, "é\0"]}, [], {}, "", 2**64 - 1, -(2**63)],
    ids=repr,
)
def test_data_arrives(value):
    assert msgspec.msgpack.decode(MessagePackRenderer().render(value)) == value


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1], ids=repr)
@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda number: number, id="alone"),
        pytest.param(lambda number: [1, [], {"a": "b"}, number], id="list"),
        pytest.param(lambda number: {"a": 1.5, "b": [number]}, id="dict"),
        pytest.param(lambda number: {number: None}, id="key"),
    ],
)
def test_int_beyond_64_bits_is_named(number, wrap):
    with pytest.raises(ValueError, match=f"The int {number} has more"):
        MessagePackRenderer().render(wrap(number))


@pytest.mark.parametrize("value", ["a\ud800", {"a\ud800": 1}], ids=ascii)
def test_lone_surrogate_is_named(value):
    with pytest.raises(ValueError, match=r"'a\\ud800' has a lone surrogate"):
        MessagePackRenderer().render(value)


def test_missing_library_is_named_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "msgspec", None)
    with pytest.raises(ModuleNotFoundError, match=r"ResponseKit\[msgspec\]"):
        MessagePackRenderer()


def test_all_types_can_be_messagepack():
    assert MessagePackRenderer().can_render(object)
