from __future__ import annotations

import sys

import pytest
import yaml
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit.renderers.yaml import YAMLRenderer


@pytest.fixture(params=["C", "Python"], scope="module")
def renderer(request):
    """One with the dumper in C, and one where there is none."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        if request.param == "Python":
            monkeypatch.delattr(yaml, "CSafeDumper", raising=False)
        renderer = YAMLRenderer()
        renderer.render(None)
    return renderer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(
            {"b": 1, "a": [1, {"c": 2}]}, "b: 1\na:\n- 1\n- c: 2\n", id="block"
        ),
        pytest.param({"é": "ü"}, "é: ü\n", id="unicode"),
        pytest.param({"a": [], "b": {}}, "a: []\nb: {}\n", id="empty"),
        pytest.param(
            [None, True, 1.0, 1e22], "- null\n- true\n- 1.0\n- 1.0e+22\n", id="scalars"
        ),
    ],
)
def test_data_is_written_in_blocks_and_in_order(renderer, value, text):
    assert renderer.render(value).decode() == text


def test_what_occurs_twice_is_written_twice(renderer):
    shared = {"a": [1]}
    text = renderer.render([shared, shared]).decode()
    assert text == "- a:\n  - 1\n- a:\n  - 1\n"


@pytest.mark.parametrize(
    "text",
    [
        *("1", "1e3", ".5", "+1.", "08", "0o17", "0x1f", "1:20", "1_000", "-1.5E-3"),
        *("yes", "y", "N", "on", "true", "null", "~", "", "=", "<<", ".inf", ".nan"),
        *("2001-01-01", "2001-01-01 10:00:00", "- a", "a: b", "#a", "&a", "*a", "!a"),
    ],
)
def test_text_that_reads_as_something_else_is_quoted(renderer, text):
    assert renderer.render([text]).decode() in (f"- '{text}'\n", f'- "{text}"\n')


@pytest.mark.parametrize("text", ["a\ud800", "\udfff"], ids=ascii)
def test_lone_surrogate_is_named(renderer, text):
    for value in (text, [text], {text: 1}):
        with pytest.raises(ValueError, match="has a lone surrogate"):
            renderer.render(value)


AWKWARD = (
    " \n\r\t\x85\u2028\u2029\ufeff\0\x7f'\"\\:#-?,[]{}&*!|>%@`=~"
    "aby01.e_+\ud800é\U0001f600"
)


@given(st.text(max_size=12) | st.text(st.sampled_from(AWKWARD), max_size=200))
@example("\x85")
@example("  a\n\n b \n")
@example("a" * 200)
@example("ab " * 100 + "\n ")
def test_text_arrives_or_is_refused(renderer, text):
    for value in (text, [text], {text: [{"a": text}]}, [[text], text]):
        try:
            document = renderer.render(value)
        except ValueError:
            assert any("\ud800" <= character <= "\udfff" for character in text)
            return
        assert yaml.safe_load(document) == value


@given(st.integers() | st.floats(allow_nan=False))
def test_number_arrives(renderer, number):
    assert repr(yaml.safe_load(renderer.render([number]))) == repr([number])


def test_nan_arrives(renderer):
    assert renderer.render([float("nan"), float("-inf")]) == b"- .nan\n- -.inf\n"


def test_missing_library_is_named_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ModuleNotFoundError, match=r"ResponseKit\[yaml\]"):
        YAMLRenderer()


def test_all_types_can_be_yaml():
    assert YAMLRenderer().can_render(object)
